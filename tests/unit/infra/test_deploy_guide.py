"""The guide says what the stacks, the code and the commands are; a newcomer meets no step that is not there."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from infra.deploy import PROVIDERS, STEPS
from infra.workbook import QUERIES
from shared.blob_names import Kind, classify_name
from shared.clouds import CLOUDS
from shared.settings import SETTINGS
from tests.support.guide_tables import GUIDE, TABLES, with_tables
from tests.support.guides import guides
from tests.support.stacks import BICEP, ROOT, TERRAFORM, bicep_parameters

TEXT = GUIDE.read_text()
BLOCKS = re.findall(r"^ *```bash\n(.*?)^ *```", TEXT, re.DOTALL | re.MULTILINE)
GIVEN_BY_THE_SHELL = {"name"}


@pytest.mark.parametrize("table", TABLES)
def test_tables_are_made_from_both_stacks(table: str) -> None:
    """After a change, `python -m tests.support.guide_tables` writes them anew."""
    assert TABLES[table]() in TEXT
    assert with_tables(TEXT) == TEXT


def test_the_short_way_is_short() -> None:
    """From the subscription to the first export: 28 commands when each is typed, five with the script."""
    section = TEXT.partition("### The short way")[2].partition("#### ")[0]
    [block] = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)
    commands = [line for line in block.splitlines() if line]
    assert len(commands) == 5
    assert commands[-1] == "python3 -m infra.deploy up"


def test_the_scripts_words_are_all_explained() -> None:
    """And no other is: in the table, and wherever a command stands in a text."""
    table = TEXT.partition("| Word | What it does |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) | {"up"} == set(STEPS)
    for guide in guides():
        for word in re.findall(r"-m infra\.deploy (\w+)", guide.read_text()):
            assert word in STEPS


def test_services_are_registered_the_same_everywhere() -> None:
    """By the script, by the loop of the guide, by Terraform."""
    block = next(block for block in BLOCKS if "provider register" in block)
    assert sorted(re.findall(r"Microsoft\.\w+", block)) == sorted(PROVIDERS)


@pytest.mark.parametrize(
    "seen",
    [
        "AADSTS700213",
        "Python 3.11",
        "pip could not fetch the wheels",
        ".terraform.lock.hcl is missing",
        "ALERT_EMAIL is empty",
    ],
)
def test_what_people_will_see_is_in_the_table_of_troubles(seen: str) -> None:
    """With what to do."""
    section = TEXT.partition("## 16.")[2].partition("## 17.")[0]
    assert any(seen in line and line.startswith("|") for line in section.splitlines())


def test_the_data_protection_page_names_the_days_of_the_stacks() -> None:
    """A default that changes changes the page."""
    page = (ROOT / "docs" / "data-protection.md").read_text()
    found = bicep_parameters()
    days = {
        "exportRetentionDays": found["export_retention_days"].default,
        "outcomeRetentionDays": found["outcome_retention_days"].default,
        "logRetentionDays": found["log_retention_days"].default,
    }
    for name, value in days.items():
        assert f"{value} days (`{name}`)" in page
    assert f"the index `repeatDays` ({found['repeat_days'].default}) and 2 more" in page
    longest = max(int(str(found[name].default)) for name in ("retry_days", "remap_days"))
    assert f"{longest + 30} days: the larger of `retryDays` and `remapDays`, and 30 more" in page
    for container in ("EXPORTS_CONTAINER", "RESULTS_CONTAINER", "STATE_CONTAINER"):
        assert f"`{SETTINGS[container].default}" in page


def test_what_an_organisation_asks_for_is_there() -> None:
    """A license, how to report a vulnerability, what is supported."""
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
    security = (ROOT / "SECURITY.md").read_text()
    for heading in ("## Report a vulnerability", "## What is supported"):
        assert heading in security


def test_links_inside_the_guide_lead_somewhere() -> None:
    """Every anchor is a heading, as GitHub makes anchors of headings."""
    headings = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for anchor in re.findall(r"\]\(#([^)]+)\)", TEXT):
        assert anchor in anchors


def test_every_host_of_every_cloud_is_in_the_allow_list() -> None:
    """A locked-down network opened by this table lets the app work."""
    for cloud, where in CLOUDS.items():
        host = where.connector_url.removeprefix("https://")
        assert f"| `{host}` | the connector, `{cloud}` |" in TEXT
        authority = where.authority.removeprefix("https://")
        [row] = re.findall(rf"^\| `{re.escape(authority)}` \| (.*) \|$", TEXT, re.MULTILINE)
        assert f"`{cloud}`" in row


def test_every_alert_is_described_as_it_is() -> None:
    """Titles, and how often they are evaluated."""
    section = TEXT.partition("## 8.")[2].partition("## 9.")[0]
    alerts = json.loads((QUERIES / "alerts.json").read_text())
    often = {"PT15M": "every 15 min", "PT1H": "hourly", "P1D": "daily"}
    for alert in alerts["log"] + alerts["metric"]:
        [row] = [line for line in section.splitlines() if line.startswith("|") and alert["title"] in line]
        assert row.endswith(f"| {often[alert['frequency']]} |")
    assert f"({bicep_parameters()['rejected_percent'].default})" in section
    assert f"({bicep_parameters()['no_records_hours'].default})" in section


def test_retention_is_the_stacks() -> None:
    """The days that are named are the defaults."""
    found = bicep_parameters()
    wait = max(int(str(found[name].default)) for name in ("retry_days", "remap_days"))
    text = " ".join(TEXT.split())
    assert (
        f"Kept: exports {found['export_retention_days'].default} days, rejected records {wait + 30} (30 more"
        in text
    )
    assert (
        f"outcomes and ledgers {found['outcome_retention_days'].default}, dead letters as long as exports"
        in text
    )
    assert f"logs {found['log_retention_days'].default}." in text


def test_parameters_and_outputs_in_the_text_exist() -> None:
    """Whatever is written like one is one, in Bicep's, Terraform's or azd's spelling."""
    names = {one.name for path, one in BICEP if path.name == "main.bicep" and one.kind in {"param", "output"}}
    for symbol in re.findall(r"\b([a-z]+(?:[A-Z][a-z]+)+)=", "\n".join(BLOCKS)):
        assert symbol in names
    for symbol in re.findall(r"`([a-z]+(?:[A-Z][a-z]+)+)`", TEXT):
        assert symbol in names | {"maximumInstanceCount", "severityLevel"}
    for name in re.findall(r"^([a-z_]+) += \"\$", TEXT, re.MULTILINE):
        assert name in bicep_parameters()
    for name in re.findall(r"azd env set ([A-Z_]+)", TEXT):
        assert name.lower() in bicep_parameters()
    outputs = {one.name for _, one in TERRAFORM if one.kind == "output"}
    assert set(re.findall(r"output -raw (\w+)", TEXT)) <= outputs
    assert outputs <= set(re.findall(r"`([A-Z_]+)`", TEXT.partition("### Outputs")[2]))


def test_shell_blocks_are_valid_bash() -> None:
    """Each can be pasted as it stands."""
    bash = shutil.which("bash")
    assert bash
    for block in BLOCKS:
        done = subprocess.run([bash, "-n"], input=block, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_no_block_uses_a_variable_that_no_earlier_one_sets() -> None:
    """Read from top to bottom, every variable has a value when it is used."""
    known = set(GIVEN_BY_THE_SHELL)
    for block in BLOCKS:
        for line in block.splitlines():
            known |= set(re.findall(r"\b(?:export|read -rs|for) (\w+)", line))
            assert set(re.findall(r"\$\{?!?([A-Za-z_]+)", line)) <= known, line


def test_the_secret_never_stands_on_a_command_line() -> None:
    """It is typed unseen, goes through a pipe from a builtin, and is not printed."""
    [block] = [block for block in BLOCKS if "keyvault secret set" in block]
    assert "read -rs SECRET" in block
    assert 'printf %s "$SECRET" | az keyvault secret set' in block
    assert "--file /dev/stdin" in block
    assert "--output none" in block
    assert "--expires" in block
    assert "--value" not in TEXT
    assert f"--name {SETTINGS['APP_SECRET_NAME'].default} " in block


def test_the_first_export_is_one_the_product_takes() -> None:
    """Name and record of section 6 are valid; containers are the defaults."""
    assert classify_name("first.json") is Kind.EXPORT
    assert f"--container-name {SETTINGS['EXPORTS_CONTAINER'].default} " in TEXT
    assert f"--container-name {SETTINGS['RESULTS_CONTAINER'].default} " in TEXT
    [record] = re.findall(r"printf '\[(\{.*?\})\]\\n'", TEXT)
    assert set(json.loads(record)) == {"UserId", "AssetId", "AssetName", "EventTime", "AccessStatus"}
    assert json.loads(record)["AccessStatus"] == "Success"


def test_the_workflows_variables_are_all_explained() -> None:
    """The owner of a fork finds each of them."""
    workflow = (ROOT / ".github" / "workflows" / "deploy.yml").read_text()
    section = TEXT.partition("## 13.")[2].partition("## 14.")[0]
    assert yaml.safe_load(workflow)["jobs"]["deploy"]["environment"] == "production"
    for name in set(re.findall(r"\b(?:vars|secrets)\.(\w+)", workflow)):
        assert f"`{name}`" in section
    assert "environment:production" in section


def test_providers_are_those_that_terraform_registers() -> None:
    """The same services are made known in every way of deploying."""
    provider = next(one.body for _, one in TERRAFORM if one.kind == "provider" and one.name == "azurerm")
    block = next(block for block in BLOCKS if "provider register" in block)
    registered = re.findall(r"Microsoft\.\w+", str(provider["resource_providers_to_register"]))
    assert sorted(re.findall(r"Microsoft\.\w+", block)) == sorted(registered)


def test_costs_add_up() -> None:
    """The arithmetic in the table comes to what stands beside it, with as many alerts as there are."""
    alerts = json.loads((QUERIES / "alerts.json").read_text())
    assert (len(alerts["log"]), len(alerts["metric"])) == (13, 3)
    assert 5_000 * 8 == 40_000
    assert 40_000 * 200 == 8_000_000
    assert 8 * 30 * 2 == 480
    assert round(480 * 365 / 12, -2) == 14_600
    assert round(8 * 400 * 2 * 365 / 12, -3) == 195_000
    assert round((195_000 - 100_000) * 0.000026, 2) == 2.47
    assert round(0.045 * 730, 2) == 32.85
    assert round(0.005 * 730, 2) == 3.65
    assert round(4 * 0.01 * 730, 2) == 29.20
    assert round(32.85 + 3.65 + 29.20 + 1.50) == 67
    assert round(0.30 * 730) == 219
    assert round(7.30 + 0.50, 2) == 7.80
    assert round(12 * 0.50 + 3 * 0.10, 2) == 6.30
    assert round(6.30 + 10 * 0.05 + 0.50, 2) == 7.30
    assert round(0.02 + 0.17 + 0.69 / 2 + 6.30) == 7
    for figure in (
        "40,000",
        "480 GB-s",
        "14,600",
        "195,000",
        "2.47",
        "32.85",
        "29.20",
        "67",
        "219",
        "7.80",
        "6.30",
    ):
        assert figure in TEXT
