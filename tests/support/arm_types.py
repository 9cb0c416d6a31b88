"""Terraform's resource types under the names that Azure Resource Manager and Bicep use."""

from typing import Final

from infra.plan_types import IN_AZURE

ARM_TYPES: Final = {name: type_ for name, (type_, _) in IN_AZURE.items()}

PLUMBING: Final = {
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",  # a block of the endpoint in Terraform
    "Microsoft.Storage/storageAccounts/queueServices",  # named in Bicep only as the queues' parent
    "azurerm_nat_gateway_public_ip_association",  # a property of the gateway in Bicep
    "azurerm_subnet_nat_gateway_association",  # a property of the subnet in Bicep
    "azurerm_subnet_network_security_group_association",  # likewise
    "time_sleep",  # nothing in Azure
}
