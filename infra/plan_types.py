"""What azurerm's resources come to in Azure: its attributes under the names that Azure Resource Manager has for them.

One function for each type, from the values in Terraform's state to what Azure is asked for. An attribute that no function
reads is an error in `infra.plans`, so that none can be forgotten.
"""

from collections.abc import Callable
from typing import Final

from infra.plan_alerts import action_group, diagnostics, event_subscription, log_alert, metric_alert
from infra.plan_values import Resource, Values, first, placed


def _enabled(allowed: bool) -> str:  # noqa: FBT001 (an attribute's value)
    return "Enabled" if allowed else "Disabled"


def _insights(values: Values) -> Resource:
    return placed(
        values,
        Application_Type=values["application_type"],
        WorkspaceResourceId=values["workspace_id"],
        DisableLocalAuth=not values["local_authentication_enabled"],
    )


def _workbook(values: Values) -> Resource:
    return placed(
        values,
        displayName=values["display_name"],
        category=values["category"],
        sourceId=values["source_id"],
        serializedData=values["data_json"],
    )


def _topic(values: Values) -> Resource:
    resource = placed(values, source=values["source_resource_id"], topicType=values["topic_type"])
    return resource | {"identity": {"type": first(values, "identity")["type"]}}


def _vault(values: Values) -> Resource:
    acls = first(values, "network_acls")
    return placed(
        values,
        tenantId=values["tenant_id"],
        sku={"name": values["sku_name"]},
        enableRbacAuthorization=values["rbac_authorization_enabled"],
        enablePurgeProtection=values["purge_protection_enabled"],
        softDeleteRetentionInDays=values["soft_delete_retention_days"],
        publicNetworkAccess=_enabled(values["public_network_access_enabled"]),
        networkAcls={
            "bypass": acls["bypass"],
            "defaultAction": acls["default_action"],
            "ipRules": [{"value": address} for address in acls["ip_rules"] or []],
        },
    )


def _role_definition(values: Values) -> Resource:
    return {
        "properties": {
            "roleName": values["name"],
            "description": values["description"],
            "assignableScopes": values["assignable_scopes"],
            "permissions": [{"dataActions": one["data_actions"]} for one in values["permissions"]],
        }
    }


def _role_assignment(values: Values) -> Resource:
    return {
        "properties": {
            "principalId": values["principal_id"],
            "principalType": values["principal_type"],
            "roleDefinitionId": values["role_definition_id"],
        }
    }


def _retention(values: Values) -> Resource:
    return {"properties": {"policy": {"rules": [_rule(rule) for rule in values["rule"]]}}}


def _rule(rule: Values) -> Resource:
    actions, filters = first(rule, "actions"), first(rule, "filters")
    base = first(actions, "base_blob").get("delete_after_days_since_modification_greater_than")
    version = first(actions, "version").get("delete_after_days_since_creation")
    return {
        "name": rule["name"],
        "enabled": rule["enabled"],
        "definition": {
            "filters": {"blobTypes": filters["blob_types"], "prefixMatch": filters["prefix_match"]},
            "actions": {
                "baseBlob": {"delete": {"daysAfterModificationGreaterThan": base}},
                "version": {"delete": {"daysAfterCreationGreaterThan": version}},
            },
        },
    }


def _subnet(values: Values) -> Resource:
    delegations = [
        {"name": one["name"], "properties": {"serviceName": first(one, "service_delegation")["name"]}}
        for one in values["delegation"]
    ]
    policies = values["private_endpoint_network_policies"] if not delegations else None
    return {
        "properties": {
            "addressPrefix": values["address_prefixes"][0],
            "defaultOutboundAccess": values["default_outbound_access_enabled"],
            "delegations": delegations,
            "privateEndpointNetworkPolicies": policies,
        }
    }


def _endpoint(values: Values) -> Resource:
    connections = [
        {
            "name": one["name"],
            "properties": {
                "privateLinkServiceId": one["private_connection_resource_id"],
                "groupIds": one["subresource_names"],
            },
        }
        for one in values["private_service_connection"]
    ]
    return placed(values, subnet={"id": values["subnet_id"]}, privateLinkServiceConnections=connections)


def _zone_link(values: Values) -> Resource:
    return {
        "tags": values["tags"],
        "properties": {
            "registrationEnabled": values["registration_enabled"],
            "virtualNetwork": {"id": values["virtual_network_id"]},
        },
    }


IN_AZURE: Final[dict[str, tuple[str, Callable[[Values], Resource]]]] = {
    "azurerm_application_insights": ("Microsoft.Insights/components", _insights),
    "azurerm_application_insights_workbook": ("Microsoft.Insights/workbooks", _workbook),
    "azurerm_eventgrid_system_topic": ("Microsoft.EventGrid/systemTopics", _topic),
    "azurerm_eventgrid_system_topic_event_subscription": (
        "Microsoft.EventGrid/systemTopics/eventSubscriptions",
        event_subscription,
    ),
    "azurerm_key_vault": ("Microsoft.KeyVault/vaults", _vault),
    "azurerm_management_lock": (
        "Microsoft.Authorization/locks",
        lambda values: {"properties": {"level": values["lock_level"], "notes": values["notes"]}},
    ),
    "azurerm_monitor_action_group": ("Microsoft.Insights/actionGroups", action_group),
    "azurerm_monitor_diagnostic_setting": ("Microsoft.Insights/diagnosticSettings", diagnostics),
    "azurerm_monitor_metric_alert": ("Microsoft.Insights/metricAlerts", metric_alert),
    "azurerm_monitor_scheduled_query_rules_alert_v2": ("Microsoft.Insights/scheduledQueryRules", log_alert),
    "azurerm_nat_gateway": (
        "Microsoft.Network/natGateways",
        lambda values: placed(values) | {"sku": {"name": values["sku_name"]}},
    ),
    "azurerm_network_security_group": ("Microsoft.Network/networkSecurityGroups", placed),
    "azurerm_private_dns_zone": (
        "Microsoft.Network/privateDnsZones",
        lambda values: {"tags": values["tags"]},
    ),
    "azurerm_private_dns_zone_virtual_network_link": (
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        _zone_link,
    ),
    "azurerm_private_endpoint": ("Microsoft.Network/privateEndpoints", _endpoint),
    "azurerm_public_ip": (
        "Microsoft.Network/publicIPAddresses",
        lambda values: (
            placed(values, publicIPAllocationMethod=values["allocation_method"])
            | {"sku": {"name": values["sku"]}}
        ),
    ),
    "azurerm_resource_group": (
        "Microsoft.Resources/resourceGroups",
        lambda values: {"location": values["location"], "tags": values["tags"]},
    ),
    "azurerm_role_assignment": ("Microsoft.Authorization/roleAssignments", _role_assignment),
    "azurerm_role_definition": ("Microsoft.Authorization/roleDefinitions", _role_definition),
    "azurerm_storage_container": (
        "Microsoft.Storage/storageAccounts/blobServices/containers",
        lambda _: {},
    ),
    "azurerm_storage_management_policy": ("Microsoft.Storage/storageAccounts/managementPolicies", _retention),
    "azurerm_storage_queue": ("Microsoft.Storage/storageAccounts/queueServices/queues", lambda _: {}),
    "azurerm_subnet": ("Microsoft.Network/virtualNetworks/subnets", _subnet),
    "azurerm_user_assigned_identity": ("Microsoft.ManagedIdentity/userAssignedIdentities", placed),
    "azurerm_virtual_network": (
        "Microsoft.Network/virtualNetworks",
        lambda values: placed(values, addressSpace={"addressPrefixes": values["address_space"]}),
    ),
}
"""Azure's type of each of azurerm's, and how its attributes translate."""
