"""Terraform's resource types under the names that Azure Resource Manager and Bicep use."""

from typing import Final

ARM_TYPES: Final = {
    "azurerm_application_insights": "Microsoft.Insights/components",
    "azurerm_application_insights_workbook": "Microsoft.Insights/workbooks",
    "azurerm_eventgrid_system_topic": "Microsoft.EventGrid/systemTopics",
    "azurerm_eventgrid_system_topic_event_subscription": "Microsoft.EventGrid/systemTopics/eventSubscriptions",
    "azurerm_key_vault": "Microsoft.KeyVault/vaults",
    "azurerm_monitor_action_group": "Microsoft.Insights/actionGroups",
    "azurerm_monitor_diagnostic_setting": "Microsoft.Insights/diagnosticSettings",
    "azurerm_monitor_metric_alert": "Microsoft.Insights/metricAlerts",
    "azurerm_monitor_scheduled_query_rules_alert_v2": "Microsoft.Insights/scheduledQueryRules",
    "azurerm_nat_gateway": "Microsoft.Network/natGateways",
    "azurerm_private_dns_zone": "Microsoft.Network/privateDnsZones",
    "azurerm_private_dns_zone_virtual_network_link": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    "azurerm_private_endpoint": "Microsoft.Network/privateEndpoints",
    "azurerm_public_ip": "Microsoft.Network/publicIPAddresses",
    "azurerm_resource_group": "Microsoft.Resources/resourceGroups",
    "azurerm_role_assignment": "Microsoft.Authorization/roleAssignments",
    "azurerm_role_definition": "Microsoft.Authorization/roleDefinitions",
    "azurerm_service_plan": "Microsoft.Web/serverfarms",
    "azurerm_storage_container": "Microsoft.Storage/storageAccounts/blobServices/containers",
    "azurerm_storage_management_policy": "Microsoft.Storage/storageAccounts/managementPolicies",
    "azurerm_storage_queue": "Microsoft.Storage/storageAccounts/queueServices/queues",
    "azurerm_subnet": "Microsoft.Network/virtualNetworks/subnets",
    "azurerm_user_assigned_identity": "Microsoft.ManagedIdentity/userAssignedIdentities",
    "azurerm_virtual_network": "Microsoft.Network/virtualNetworks",
}

PLUMBING: Final = {
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",  # a block of the endpoint in Terraform
    "Microsoft.Storage/storageAccounts/queueServices",  # named in Bicep only as the queues' parent
    "azurerm_nat_gateway_public_ip_association",  # a property of the gateway in Bicep
    "azurerm_subnet_nat_gateway_association",  # a property of the subnet in Bicep
}
