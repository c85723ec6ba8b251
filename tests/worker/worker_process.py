"""A worker process on activities kept in memory: one task, its outcome printed as JSON at the end.

python -m tests.worker.worker_process COMMAND…
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import structlog

from tests.worker.activities import Activities
from workflow_manager.worker.command import Command
from workflow_manager.worker.observation import Silent
from workflow_manager.worker.pace import Pace
from workflow_manager.worker.service import Service, serve_activities

structlog.configure(logger_factory=structlog.WriteLoggerFactory(sys.stderr))
activities = Activities(poll_hold=30)
token = activities.offer()
service = Service(
    activity="a",
    handler=Command(arguments=sys.argv[1:], stdout=sys.stderr.buffer, stderr=sys.stderr.buffer),
    limit=1,
    pace=Pace(stop=timedelta(seconds=200)),
    observer=Silent(),
    gauges=lambda arn: [],
)
serve_activities(activities, [service], worker_name="w", tags={})
print(json.dumps(activities.outcomes.get(token)))
