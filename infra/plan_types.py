"""What azurerm's resources come to in Azure: its attributes under the names that Azure Resource Manager has for them.

One function for each type, from the values in Terraform's state to what Azure is asked for. An attribute that no function
reads is an error in `infra.plans`, so that none can be forgotten.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

type Values = Mapping[str, Any]
type Resource = dict[str, Any]


def _first(values: Values, block: str) -> Values:
    found: list[Values] = values[block] or [{}]
    return found[0]


def _placed(values: Values, **properties: Any) -> Resource:
    return {"location": values["location"], "tags": values["tags"], "properties": properties}


def _enabled(allowed: bool) -> str:  # noqa: FBT001 (an attribute's value)
    return "Enabled" if allowed else "Disabled"


def _insights(values: Values) -> Resource:
    return _placed(
        values,
        Application_Type=values["application_type"],
        WorkspaceResourceId=values["workspace_id"],
        DisableLocalAuth=not values["local_authentication_enabled"],
    )


def _workbook(values: Values) -> Resource:
    return _placed(
        values,
        displayName=values["display_name"],
        category=values["category"],
        sourceId=values["source_id"],
        serializedData=values["data_json"],
    )


def _topic(values: Values) -> Resource:
    resource = _placed(values, source=values["source_resource_id"], topicType=values["topic_type"])
    return resource | {"identity": {"type": _first(values, "identity")["type"]}}


def _event_subscription(values: Values) -> Resource:
    queue, bin_ = (
        _first(values, "storage_queue_endpoint"),
        _first(values, "storage_blob_dead_letter_destination"),
    )
    retry, wanted = _first(values, "retry_policy"), _first(values, "advanced_filter")["string_in"]
    return {
        "properties": {
            "eventDeliverySchema": values["event_delivery_schema"],
            "deliveryWithResourceIdentity": {
                "identity": {"type": _first(values, "delivery_identity")["type"]},
                "destination": {
                    "properties": {
                        "resourceId": queue["storage_account_id"],
                        "queueName": queue["queue_name"],
                        "queueMessageTimeToLiveInSeconds": queue["queue_message_time_to_live_in_seconds"],
                    }
                },
            },
            "deadLetterWithResourceIdentity": {
                "identity": {"type": _first(values, "dead_letter_identity")["type"]},
                "deadLetterDestination": {
                    "properties": {
                        "resourceId": bin_["storage_account_id"],
                        "blobContainerName": bin_["storage_blob_container_name"],
                    }
                },
            },
            "filter": {
                "includedEventTypes": values["included_event_types"],
                "subjectBeginsWith": _first(values, "subject_filter")["subject_begins_with"],
                "enableAdvancedFilteringOnArrays": values["advanced_filtering_on_arrays_enabled"],
                "advancedFilters": [
                    {"operatorType": "StringIn", "key": one["key"], "values": one["values"]} for one in wanted
                ],
            },
            "retryPolicy": {
                "maxDeliveryAttempts": retry["max_delivery_attempts"],
                "eventTimeToLiveInMinutes": retry["event_time_to_live"],
            },
        }
    }


def _vault(values: Values) -> Resource:
    acls = _first(values, "network_acls")
    return _placed(
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


def _action_group(values: Values) -> Resource:
    people = [
        {
            "name": one["name"],
            "emailAddress": one["email_address"],
            "useCommonAlertSchema": one["use_common_alert_schema"],
        }
        for one in values["email_receiver"] or []
    ]
    return {
        "tags": values["tags"],
        "properties": {"groupShortName": values["short_name"], "emailReceivers": people},
    }


def _diagnostics(values: Values) -> Resource:
    kinds = {"category": "category", "category_group": "categoryGroup"}
    logs = [{kinds[key]: one[key] for key in kinds} | {"enabled": True} for one in values["enabled_log"]]
    return {"properties": {"workspaceId": values["log_analytics_workspace_id"], "logs": logs}}


def _dimensions(criterion: Values) -> list[Values]:
    return [{key: one[key] for key in ("name", "operator", "values")} for one in criterion["dimension"]]


def _metric_alert(values: Values) -> Resource:
    one = _first(values, "criteria")
    criterion = {
        "metricNamespace": one["metric_namespace"],
        "metricName": one["metric_name"],
        "timeAggregation": one["aggregation"],
        "operator": one["operator"],
        "threshold": one["threshold"],
        "skipMetricValidation": one["skip_metric_validation"],
        "dimensions": _dimensions(one),
    }
    return {
        "tags": values["tags"],
        "properties": {
            "description": values["description"],
            "severity": values["severity"],
            "scopes": values["scopes"],
            "evaluationFrequency": values["frequency"],
            "windowSize": values["window_size"],
            "autoMitigate": values["auto_mitigate"],
            "criteria": {"allOf": [criterion]},
            "actions": [{"actionGroupId": action["action_group_id"]} for action in values["action"]],
        },
    }


def _log_alert(values: Values) -> Resource:
    one = _first(values, "criteria")
    failing = _first(one, "failing_periods")
    criterion = {
        "query": one["query"],
        "timeAggregation": one["time_aggregation_method"],
        "operator": one["operator"],
        "threshold": one["threshold"],
        "dimensions": _dimensions(one),
        "failingPeriods": {
            "numberOfEvaluationPeriods": failing["number_of_evaluation_periods"],
            "minFailingPeriodsToAlert": failing["minimum_failing_periods_to_trigger_alert"],
        },
    }
    return _placed(
        values,
        displayName=values["display_name"],
        description=values["description"],
        enabled=values["enabled"],
        severity=values["severity"],
        scopes=values["scopes"],
        evaluationFrequency=values["evaluation_frequency"],
        windowSize=values["window_duration"],
        overrideQueryTimeRange=values["query_time_range_override"],
        autoMitigate=values["auto_mitigation_enabled"],
        skipQueryValidation=values["skip_query_validation"],
        criteria={"allOf": [criterion]},
        actions={"actionGroups": _first(values, "action")["action_groups"]},
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
    actions, filters = _first(rule, "actions"), _first(rule, "filters")
    base = _first(actions, "base_blob").get("delete_after_days_since_modification_greater_than")
    version = _first(actions, "version").get("delete_after_days_since_creation")
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
        {"name": one["name"], "properties": {"serviceName": _first(one, "service_delegation")["name"]}}
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
    return _placed(values, subnet={"id": values["subnet_id"]}, privateLinkServiceConnections=connections)


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
        _event_subscription,
    ),
    "azurerm_key_vault": ("Microsoft.KeyVault/vaults", _vault),
    "azurerm_management_lock": (
        "Microsoft.Authorization/locks",
        lambda values: {"properties": {"level": values["lock_level"], "notes": values["notes"]}},
    ),
    "azurerm_monitor_action_group": ("Microsoft.Insights/actionGroups", _action_group),
    "azurerm_monitor_diagnostic_setting": ("Microsoft.Insights/diagnosticSettings", _diagnostics),
    "azurerm_monitor_metric_alert": ("Microsoft.Insights/metricAlerts", _metric_alert),
    "azurerm_monitor_scheduled_query_rules_alert_v2": ("Microsoft.Insights/scheduledQueryRules", _log_alert),
    "azurerm_nat_gateway": (
        "Microsoft.Network/natGateways",
        lambda values: _placed(values) | {"sku": {"name": values["sku_name"]}},
    ),
    "azurerm_network_security_group": ("Microsoft.Network/networkSecurityGroups", _placed),
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
            _placed(values, publicIPAllocationMethod=values["allocation_method"])
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
    "azurerm_user_assigned_identity": ("Microsoft.ManagedIdentity/userAssignedIdentities", _placed),
    "azurerm_virtual_network": (
        "Microsoft.Network/virtualNetworks",
        lambda values: _placed(values, addressSpace={"addressPrefixes": values["address_space"]}),
    ),
}
"""Azure's type of each of azurerm's, and how its attributes translate."""
