"""What a deployment without any secret has and has not, beside the same one with a client secret, in both stacks."""

import re

import pytest

from tests.support.guides import guide
from tests.support.snapshots import of_type
from tests.support.without_secret import GONE, STACKS, WITH, WITHOUT, changed, gone, table

each_stack = pytest.mark.parametrize("stack", STACKS)


@each_stack
def test_the_vault_and_everything_about_it_disappears(stack: str) -> None:
    """No vault, no role on a secret, no log of reads, no role of our own for those who set secrets; nothing comes."""
    with_one, without = STACKS[stack](WITH), STACKS[stack](WITHOUT)
    assert set(without) < set(with_one)
    assert set(gone(stack)) == set(GONE)
    assert all(
        "/Microsoft.KeyVault/" in key or "secret setter" in key
        for keys in gone(stack).values()
        for key in keys
    )
    assert not [key for key in without if re.search(r"KeyVault|secrets?/|secret setter", key)]


@each_stack
def test_only_two_settings_change(stack: str) -> None:
    """Everything else is the same, to the last property."""
    assert changed(stack) == {
        "CONNECTOR_CREDENTIAL": ("secret", "federated"),
        "KEY_VAULT_URI": ("https://kv-gatepost-cde093fc.vault.azure.net", "-"),
    }


@each_stack
def test_the_guides_table_is_made_from_either_stack(stack: str) -> None:
    """Both come to the same."""
    assert table(stack) in guide("credentials.md")


@each_stack
def test_the_alert_about_the_credential_stays(stack: str) -> None:
    """It has nothing to measure; no parameter takes it away."""
    alerts = of_type(STACKS[stack](WITHOUT), "Microsoft.Insights/scheduledQueryRules")
    assert [key for key in alerts if "secret-expiry" in key]
