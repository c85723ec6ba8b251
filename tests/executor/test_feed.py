"""The latest changes of workflows, in bounded memory."""

from __future__ import annotations

from workflow_manager.executor.feed import Feed
from workflow_manager.models.workflow import Workflow, WorkflowDefinition


def filled(count: int, kept: int) -> Feed:
    feed = Feed(kept)
    for number in range(1, count + 1):
        definition = WorkflowDefinition(id="", name="wf", version=0)
        feed.publish(Workflow(id=f"w{number}", workflow_definition=definition, input="x"))
    return feed


def ids(feed: Feed, after: int, limit: int = 100) -> tuple[list[str], bool]:
    changes, is_whole = feed.after(after, limit)
    assert [change.workflow.id for change in changes] == [f"w{change.number}" for change in changes]
    return [change.workflow.id for change in changes], is_whole


def test_a_follower_gets_what_came_since_in_pages() -> None:
    feed = filled(5, kept=10)
    assert ids(feed, 0, 2) == (["w1", "w2"], True)
    assert ids(feed, 2, 2) == (["w3", "w4"], True)
    assert ids(feed, 4, 2) == (["w5"], True)
    assert ids(feed, 5) == ([], True)
    assert feed.last == 5


def test_what_was_forgotten_is_told() -> None:
    feed = filled(5, kept=2)
    assert ids(feed, 0) == (["w4", "w5"], False)
    assert ids(feed, 2) == (["w4", "w5"], False)
    assert ids(feed, 3) == (["w4", "w5"], True)
    assert ids(filled(0, kept=2), 0) == ([], True)


def test_changes_with_large_inputs_are_kept_for_less_long() -> None:
    feed = Feed(kept=1000, max_weight=100_000)
    definition = WorkflowDefinition(id="", name="wf", version=0)
    for number in range(1, 21):
        given = {"tags": {"t": "x" * 10_000}} if number % 2 else {"input": "x" * 10_000}
        feed.publish(Workflow(id=f"w{number}", workflow_definition=definition, **given))  # type: ignore[arg-type]
    found, is_whole = ids(feed, 0)
    assert (found, is_whole) == ([f"w{number}" for number in range(13, 21)], False)
    feed.publish(Workflow(id="w21", workflow_definition=definition, input="x" * 1_000_000))
    assert ids(feed, 20) == (["w21"], True)


def test_listeners_hear_of_each_change_until_they_leave() -> None:
    feed, heard = filled(0, kept=1), []
    leave = feed.listen(lambda: heard.append(feed.last))
    feed.publish(Workflow(id="a", workflow_definition=WorkflowDefinition(id="", name="wf", version=0)))
    leave()
    feed.publish(Workflow(id="b", workflow_definition=WorkflowDefinition(id="", name="wf", version=0)))
    assert heard == [1]
