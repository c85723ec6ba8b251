"""The Amazon States Language: a definition's text becomes frozen nodes, once.

After `parse` there is no JSON left to look into, no default still to be applied and no path or
expression still to be compiled.  Nothing here knows of executions, time or I/O.
"""
