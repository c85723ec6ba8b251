from __future__ import annotations

from pathlib import Path

import pytest

from workflow_manager.settings import (
    EngineKind,
    InvalidSettings,
    LogFormat,
    Settings,
    StoreKind,
    SyncMode,
    is_loopback,
    load_settings,
    settings_fields,
    shown_value,
)

KEYS = {"WFM_API_KEYS": "one, two,"}


def test_nothing_set_is_a_safe_default() -> None:
    settings = load_settings({})
    assert (settings.host, settings.port, settings.api_keys, settings.insecure) == (
        "127.0.0.1",
        8080,
        (),
        False,
    )
    assert (settings.engine, settings.store, settings.sync) == (
        EngineKind.EMBEDDED,
        StoreKind.SQLITE,
        SyncMode.FULL,
    )
    assert set(settings.origins.values()) == {"default"}


def test_a_flag_wins_over_a_variable_and_both_are_remembered() -> None:
    settings = load_settings(
        {"WFM_PORT": "9000", "WFM_DATA": "/var/lib/wfm", "WFM_LOG_FORMAT": "", "PATH": "/bin"},
        {"port": 0, "store": StoreKind.MEMORY, "body_limit": "2048", "host": None},
    )
    assert (settings.port, settings.data, settings.body_limit) == (0, Path("/var/lib/wfm"), 2048)
    assert (settings.store, settings.log_format) == (StoreKind.MEMORY, LogFormat.AUTO)
    origins = {name: origin for name, origin in settings.origins.items() if origin != "default"}
    assert origins == {"port": "--port", "data": "WFM_DATA", "store": "--store", "body_limit": "--body-limit"}


def test_functions_are_one_to_a_line_and_one_to_a_flag() -> None:
    lines = "a=m:f\n\n b=command:echo 1, 2 \n"
    assert load_settings({"WFM_FUNCTION": lines}, {"function": ()}).function == (
        "a=m:f",
        "b=command:echo 1, 2",
    )
    settings = load_settings({"WFM_FUNCTION": lines}, {"function": ("c=m:f", "d=m:g")})
    assert settings.function == ("c=m:f", "d=m:g")
    assert shown_value(settings, "function") == "c=m:f, d=m:g"
    assert shown_value(settings, "functions") == ""


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("WFM_SERVICES_ENDPOINT_URL", "localhost:5000", None),
        ("WFM_PORT", "http", "WFM_PORT: 'http' is not a whole number from 0 to 65535"),
        ("WFM_PORT", "65536", "WFM_PORT: '65536' is not a whole number from 0 to 65535"),
        ("WFM_PORT", "-1", None),
        ("WFM_PORT", "٣", None),
        ("WFM_BODY_LIMIT", "9" * 5000, None),
        ("WFM_REQUEST_TIMEOUT", "0", None),
        ("WFM_REQUEST_TIMEOUT", "nan", None),
        ("WFM_STORE", "postgres", "WFM_STORE: 'postgres' is none of sqlite, memory, dynamodb"),
        ("WFM_INSECURE", "maybe", "WFM_INSECURE: 'maybe' is neither true nor false"),
        ("WFM_BACKEND", "cloud", "WFM_BACKEND: 'cloud' is none of embedded, aws"),
        (
            "AWS_ENDPOINT_URL_SFN",
            "localhost",
            "AWS_ENDPOINT_URL_SFN: 'localhost' is not an http or https address",
        ),
        ("AWS_DYNAMO_PREFIX_WORKFLOWS", "a/b", None),
        ("WFM_DYNAMO_KEEP_DAYS", "-1", None),
        ("AWS_SFN_ACCOUNT_ID", "12", "AWS_SFN_ACCOUNT_ID: '12' is not an account id of twelve digits"),
    ],
)
def test_a_bad_value_names_its_variable(variable: str, text: str, message: str | None) -> None:
    with pytest.raises(InvalidSettings, match=variable) as refused:
        load_settings({variable: text})
    assert message is None or str(refused.value) == message


def test_a_bad_key_is_not_shown() -> None:
    with pytest.raises(InvalidSettings) as refused:
        load_settings({"WFM_API_KEYS": "se/cret"})
    assert str(refused.value) == (
        "WFM_API_KEYS: its value holds a key with a blank, a slash or a character beyond ASCII"
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_other_machines_need_a_key(host: str) -> None:
    with pytest.raises(InvalidSettings, match="WFM_API_KEYS"):
        load_settings({"WFM_HOST": host})
    assert load_settings({"WFM_HOST": host, **KEYS}).api_keys == ("one", "two")
    assert load_settings({"WFM_HOST": host}, {"insecure": True}).insecure


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("localhost.example.org", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


AWS = {
    "WFM_ENGINE": "aws",
    "AWS_SFN_REGION": "us-west-2",
    "AWS_SFN_ACCOUNT_ID": "123456789012",
    "AWS_SFN_ROLE_ARN": "arn:aws:iam::123456789012:role/x",
}


@pytest.mark.parametrize("missing", ["AWS_SFN_REGION", "AWS_SFN_ACCOUNT_ID", "AWS_SFN_ROLE_ARN"])
def test_aws_says_what_it_needs(missing: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        load_settings({name: value for name, value in AWS.items() if name != missing})
    assert str(refused.value) == f"{missing} required"
    assert load_settings(AWS).region == "us-west-2"


def test_a_backend_is_an_engine_and_a_store_unless_said_otherwise() -> None:
    aws = load_settings({**AWS, "WFM_BACKEND": "aws", "WFM_ENGINE": ""})
    assert (aws.engine, aws.store) == (EngineKind.AWS, StoreKind.DYNAMODB)
    assert aws.origins["engine"] == aws.origins["store"] == "WFM_BACKEND"
    mixed = load_settings({**AWS, "WFM_ENGINE": ""}, {"backend": "aws", "store": "memory"})
    assert (mixed.engine, mixed.store) == (EngineKind.AWS, StoreKind.MEMORY)
    assert (mixed.origins["engine"], mixed.origins["store"]) == ("--backend", "--store")
    with pytest.raises(InvalidSettings, match="AWS_SFN_REGION required"):
        load_settings({"WFM_BACKEND": "aws"})


def test_a_stream_of_events_needs_its_role() -> None:
    with pytest.raises(InvalidSettings, match="AWS_IAM_CWLOGS_TO_KINESIS_ROLE_ARN required"):
        load_settings({**AWS, "AWS_SFN_EXECUTION_EVENTS_STREAM_ARN": "arn:aws:kinesis:x"})


def test_every_setting_can_be_shown_and_no_secret_is() -> None:
    settings = load_settings(KEYS)
    shown = {each.name: shown_value(settings, each.name) for each in settings_fields()}
    assert shown["api_keys"] == "(2 set)"
    assert (shown["engine"], shown["insecure"], shown["port"]) == ("embedded", "false", "8080")
    assert shown_value(Settings(), "api_keys") == ""


def test_variables_are_not_shared() -> None:
    variables = [each.metadata["variable"] for each in settings_fields()]
    assert len(variables) == len(set(variables))
    assert all(each.metadata["help"] for each in settings_fields())


def test_a_flag_without_a_setting_is_a_bug() -> None:
    with pytest.raises(TypeError, match="no such settings"):
        load_settings({}, {"colour": "red"})
