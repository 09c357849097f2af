"""Addresses of databases: another database of the same server, no password on the screen; lock keys."""

import pytest

from foundation.database import lock_key, with_database, without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://mdp:s3cret@127.0.0.1:5432/warehouse", "postgresql://mdp:***@127.0.0.1:5432/warehouse"),
        ("postgresql://mdp:p%40ss%2Fw@db/x?sslmode=require", "postgresql://mdp:***@db/x?sslmode=require"),
        ("postgresql://db/x?user=mdp&password=s3cret&sslmode=require", "postgresql://db/x?user=mdp&password=***&sslmode=require"),
        ("postgresql://db/x?sslpassword=s3cret", "postgresql://db/x?sslpassword=***"),
        ("postgresql://mdp@db/x", "postgresql://mdp@db/x"),
    ],
)  # fmt: skip
def test_no_password_is_ever_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_another_database_of_the_same_server_keeps_user_port_and_options() -> None:
    url = "postgresql://mdp:p%40ss@db.example:6543/warehouse?sslmode=verify-full"
    assert with_database(url, "dagster") == "postgresql://mdp:p%40ss@db.example:6543/dagster?sslmode=verify-full"


def test_lock_keys_are_the_same_in_every_process_and_of_every_release() -> None:
    # Written down once: two releases that run side by side must exclude one another.
    assert lock_key("account", "meta_ads", "4242") == -746540966423195969
    assert lock_key("a", "bc") != lock_key("ab", "c")
    assert all(-(2**63) <= lock_key(str(number)) < 2**63 for number in range(1000))
