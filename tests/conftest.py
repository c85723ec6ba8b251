"""What holds for all tests."""

from __future__ import annotations

import signal

from hypothesis import settings

# How long an example takes tells how busy the machine is, not whether the code is right.
settings.register_profile("whenever", deadline=None)
settings.load_profile("whenever")

# Who starts the tests in the background, or with nohup, hands ignored signals down to all commands,
# and a shell cannot trap what was ignored when it began.
for number, usual in (
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGQUIT, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)
