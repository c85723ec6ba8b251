"""REST: `swagger.yml` in front of the executor.

A request walks a pipeline: observed (`observation`), compressed (`compression`), its errors
turned into answers (`problems`), its key checked (`keys`), routed (`routing`), its arguments
bound and its handler called (`operations`).
"""

import warnings

with warnings.catch_warnings():
    # Connexion imports Starlette's test client, which warns about what it is made of.
    warnings.simplefilter("ignore")
    import connexion as connexion
