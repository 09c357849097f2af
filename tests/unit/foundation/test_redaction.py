"""No secret reaches Slack, whatever shape it has."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from alerting import messages
from alerting.facts import RunFacts
from foundation.redaction import known_secrets, redact, redact_all, redact_sample

# (text, the secret in it): made up, in the shapes that the services give out.
PLANTED = [
    ("token xoxb-123456789012-ABCDEFghijkl", "xoxb-123456789012-ABCDEFghijkl"),
    ("xoxe.xoxp-1-Mi0yLTEyMzQ1Njc4", "Mi0yLTEyMzQ1Njc4"),
    ("xapp-1-A0123-456-abcdef", "A0123-456-abcdef"),
    ("EAABsbCS1iHgBAKZCZCexampleexample", "EAABsbCS1iHgBAKZCZCexampleexample"),
    ("https://graph.facebook.com/v26.0/me?access_token=abc%7Cdef&limit=5", "abc%7Cdef"),
    ('{"access_token": "short1"}', "short1"),
    ('{\\"refresh_token\\":\\"1//0gabcdefghijkl\\"}', "1//0gabcdefghijkl"),
    ("refresh 1//0gabcdefghijklmnop", "1//0gabcdefghijklmnop"),
    ("ya29.a0AfH6SMBxyz_-abc", "a0AfH6SMBxyz_-abc"),
    ("GOCSPX-abcdEFGH1234", "GOCSPX-abcdEFGH1234"),
    ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "AIzaSyA1234567890abcdefghijklmnopqrstuv"),
    ("developer-token: AbCdEf-123", "AbCdEf-123"),
    ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
    ("authorization: basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("postgresql://mdp:hunter2@db:5432/warehouse", "hunter2"),
    ("postgresql://mdp:p@ss/w:rd@db/warehouse", "p@ss/w:rd"),
    ("redis://:only-password@cache/0", "only-password"),
    ("https://hooks.slack.com/services/T000/B000/XXXXsecret", "XXXXsecret"),
    ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    ("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI/K7MDENG"),
    ("X-Amz-Signature=deadbeefcafe", "deadbeefcafe"),
    ("eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl", "eyJzdWIiOi"),
    ("ghp_abcdefghijklmnop1234", "ghp_abcdefghijklmnop1234"),
    ("sk_live_abcdefghijklmnop", "abcdefghijklmnop"),
    ("password = 'two words'", "two words"),
    ("PGPASSWORD=letmein psql", "letmein"),
    ("password: Correct horse battery", "Correct"),
    ("access token: EAABsbCS1 is wrong", "EAABsbCS1"),
    ("access_token=Zebra secret", "Zebra"),
    ("client_secret=abc123", "abc123"),
    ('{"clientSecret": "abc123"}', "abc123"),
    ("-----BEGIN RSA PRIVATE KEY----- MIIEpAIB -----END RSA PRIVATE KEY-----", "MIIEpAIB"),
    ("AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3", "QQPZRY9X8GF2TVDW0S3"),
    ("appsecret_proof=0a1b2c3d", "0a1b2c3d"),
    ("write to jane.doe@example.co.uk", "jane.doe@example.co.uk"),
]


@pytest.mark.parametrize(("text", "secret"), PLANTED)
def test_a_planted_secret_is_masked_alone_and_in_a_message(text: str, secret: str) -> None:
    assert secret not in redact(text)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    failed = RunFacts(job=text, step=text, error=f"boom: {text}", run_id=text, run_url=None, failing_since=at)
    assert secret not in str(messages.run_failed(failed).payload())


@pytest.mark.parametrize(
    "text",
    [
        "account 120330000123456789 on meta_ads, 2026-11-17 .. 2026-11-19",
        "spend 10.00 against 12.00 (difference 2.00)",
        "Run `mdp sync meta_ads --from 2026-11-17 --to 2026-11-19 --account 1001`",
        "https://dagster.example/runs/5b1c2d",
        "error 190/460: the session has been invalidated because the user changed the password.",
        "Summer sale | BR | prospecting",
        "190/460: Error validating access token: The session has been invalidated",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_known_values_are_masked_also_when_encoded(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-a-file\n", encoding="utf-8")
    secrets = known_secrets(
        {
            "MDP_CREDENTIAL_META_ACCESS_TOKEN": "pass phrase/1",
            "MDP_SLACK_BOT_TOKEN_FILE": str(file),
            "MDP_WAREHOUSE_URL": "postgresql://u:warehouse-pw@h/db",
            "MDP_CREDENTIAL_GOOGLE_LOGIN_CUSTOMER_ID": "1234567890",
            "HOME": "/home/somebody",
        }
    )
    encoded = base64.b64encode(b"pass phrase/1").decode()
    text = (
        f"pass phrase/1 {quote('pass phrase/1', safe='')} {encoded} from-a-file warehouse-pw 1234567890 /home/somebody"
    )
    assert redact(text, secrets) == "*** *** ***== *** *** 1234567890 /home/somebody"


def test_every_string_of_a_value_is_redacted() -> None:
    value = {"a": ["xoxb-123456-abcdef", {"b": ("my-secret-value", 3, None)}]}
    assert redact_all(value, ["my-secret-value"]) == {"a": ["***", {"b": ["***", 3, None]}]}


def test_a_sample_keeps_where_an_address_leads_and_loses_what_it_carries() -> None:
    text = "landing https://shop.example/sale/red-shoes?gclid=Cj0KCQ&email=ana%40x.example#top of anna@shop.example"
    assert redact_sample(text) == "landing https://shop.example/sale/red-shoes of [e-mail]"


def test_a_sample_is_redacted_like_any_other_text() -> None:
    assert redact_sample("Bearer abcdefghijkl and s3cr3t-value", ["s3cr3t-value"]) == "Bearer *** and ***"
