"""From the users of a directory to a people file."""

from typing import Any

import pytest

from shared.sources.directory_people import Attribute, attribute_named, people_table, properties_of

USERS: list[dict[str, Any]] = [
    {"userPrincipalName": "Bo@example.com", "accountEnabled": False, "employeeId": " 7 "},
    {"userPrincipalName": "ada@example.com", "accountEnabled": True, "employeeId": "10431"},
    {"userPrincipalName": "room@example.com", "accountEnabled": True, "employeeId": None},
    {"userPrincipalName": "no address", "accountEnabled": True, "employeeId": "9"},
    {"userPrincipalName": "cy@example.com", "employeeId": "10431"},
    {"userPrincipalName": "dee@example.com", "accountEnabled": True, "employeeId": ["list"]},
]


def test_a_line_for_each_user_with_a_key() -> None:
    """Disabled accounts stay, lines are sorted, and what is left out is counted."""
    table = people_table(USERS, [attribute_named("employeeId")])
    assert table.data.decode().splitlines() == [
        "employeeId,UPN,Enabled",
        "10431,ada@example.com,true",
        "10431,cy@example.com,true",
        "7,Bo@example.com,false",
    ]
    assert (table.people, table.disabled, table.without_key) == (3, 1, 2)
    assert (table.without_account, table.shared_keys) == (1, 1)


def test_several_keys_are_several_columns() -> None:
    """One of them is enough."""
    keys = [attribute_named("employeeId"), attribute_named("extensionAttribute3")]
    user = {
        "userPrincipalName": "a@example.com",
        "onPremisesExtensionAttributes": {"extensionAttribute3": 52017},
    }
    lines = people_table([user], keys).data.decode().splitlines()
    assert lines == ["employeeId,extensionAttribute3,UPN,Enabled", ",52017,a@example.com,true"]


@pytest.mark.parametrize(
    ("name", "attribute", "selected"),
    [
        ("employeeId", Attribute("employeeId", ("employeeId",)), "employeeId"),
        (
            "ExtensionAttribute15",
            Attribute("ExtensionAttribute15", ("onPremisesExtensionAttributes", "extensionAttribute15")),
            "onPremisesExtensionAttributes",
        ),
        ("a/b", Attribute("b", ("a", "b")), "a"),
        ("extension_0a1b_badge", Attribute("extension_0a1b_badge", ("extension_0a1b_badge",)), "extension_0a1b_badge"),
    ],
)  # fmt: skip
def test_attributes_by_their_names(name: str, attribute: Attribute, selected: str) -> None:
    """Extension attributes stand inside another one, which is what Graph is asked for."""
    assert attribute_named(name) == attribute
    assert properties_of([attribute]) == ["userPrincipalName", "accountEnabled", selected]


@pytest.mark.parametrize("name", ["", "a b", "a,b", "a&$top=1", "../x", "a/b/c", "1a", "é"])
def test_what_is_no_attribute_is_refused(name: str) -> None:
    """Nothing of it may change the request."""
    with pytest.raises(ValueError, match="no name"):
        attribute_named(name)
