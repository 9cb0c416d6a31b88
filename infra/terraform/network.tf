# Private networking: storage and vault are reached through private endpoints, the internet through one fixed address.

locals {
  endpoints = var.private_networking ? merge(
    {
      "data-blob"  = { resource = azapi_resource.data_account.id, part = "blob", zone = "privatelink.blob.core.windows.net" }
      "data-queue" = { resource = azapi_resource.data_account.id, part = "queue", zone = "privatelink.queue.core.windows.net" }
      "host-blob"  = { resource = azapi_resource.host_account.id, part = "blob", zone = "privatelink.blob.core.windows.net" }
      "vault"      = { resource = local.vault_id, part = "vault", zone = "privatelink.vaultcore.azure.net" }
    },
    var.sftp_enabled ? {
      "data-dfs" = { resource = azapi_resource.data_account.id, part = "dfs", zone = "privatelink.dfs.core.windows.net" }
    } : {}
  ) : {}
  zones = toset(concat(
    var.private_networking ? ["privatelink.blob.core.windows.net", "privatelink.queue.core.windows.net", "privatelink.vaultcore.azure.net"] : [],
    var.private_networking && var.sftp_enabled ? ["privatelink.dfs.core.windows.net"] : []
  ))
}

# A fixed outbound address: what a firewall in front of the connector or the tenant can be told.
resource "azurerm_public_ip" "outbound" {
  count = var.private_networking ? 1 : 0

  name                = "pip-gatepost-${local.token}"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  sku                 = "Standard"
  allocation_method   = "Static"
  tags                = local.tags
}

resource "azurerm_nat_gateway" "main" {
  count = var.private_networking ? 1 : 0

  name                = "ng-gatepost-${local.token}"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  sku_name            = "Standard"
  tags                = local.tags
}

resource "azurerm_nat_gateway_public_ip_association" "main" {
  count = var.private_networking ? 1 : 0

  nat_gateway_id       = azurerm_nat_gateway.main[0].id
  public_ip_address_id = azurerm_public_ip.outbound[0].id
}

resource "azurerm_virtual_network" "main" {
  count = var.private_networking ? 1 : 0

  name                = "vnet-gatepost-${local.token}"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  address_space       = ["10.31.0.0/24"]
  tags                = local.tags
}

resource "azurerm_subnet" "app" {
  count = var.private_networking ? 1 : 0

  name                            = "app"
  resource_group_name             = azurerm_resource_group.main.name
  virtual_network_name            = azurerm_virtual_network.main[0].name
  address_prefixes                = ["10.31.0.0/26"] # an instance takes an address; 59 are enough for 40 instances
  default_outbound_access_enabled = false

  delegation {
    name = "flex"

    service_delegation {
      name    = "Microsoft.App/environments"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_subnet_nat_gateway_association" "app" {
  count = var.private_networking ? 1 : 0

  subnet_id      = azurerm_subnet.app[0].id
  nat_gateway_id = azurerm_nat_gateway.main[0].id
}

resource "azurerm_subnet" "endpoints" {
  count = var.private_networking ? 1 : 0

  name                              = "endpoints"
  resource_group_name               = azurerm_resource_group.main.name
  virtual_network_name              = azurerm_virtual_network.main[0].name
  address_prefixes                  = ["10.31.0.64/27"]
  default_outbound_access_enabled   = false
  private_endpoint_network_policies = "Enabled"
}

resource "azurerm_private_dns_zone" "zones" {
  for_each = local.zones

  name                = each.key
  resource_group_name = azurerm_resource_group.main.name
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "links" {
  for_each = local.zones

  name                 = "gatepost"
  private_dns_zone_id  = azurerm_private_dns_zone.zones[each.key].id
  virtual_network_id   = azurerm_virtual_network.main[0].id
  registration_enabled = false
  tags                 = local.tags
}

resource "azurerm_private_endpoint" "endpoints" {
  for_each = local.endpoints

  name                = "pep-gatepost-${each.key}-${local.token}"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  subnet_id           = azurerm_subnet.endpoints[0].id
  tags                = local.tags

  private_service_connection {
    name                           = each.key
    private_connection_resource_id = each.value.resource
    subresource_names              = [each.value.part]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "default"
    private_dns_zone_ids = [azurerm_private_dns_zone.zones[each.value.zone].id]
  }
}
