# Private networking: storage and vault are reached through private endpoints; in a network of our own the internet through
# one fixed address.

locals {
  own_network         = var.private_networking && var.existing_app_subnet_id == ""
  app_subnet_id       = local.own_network ? azurerm_subnet.app[0].id : var.existing_app_subnet_id
  endpoints_subnet_id = local.own_network ? azurerm_subnet.endpoints[0].id : var.existing_endpoints_subnet_id
  vnet_id             = local.own_network ? azurerm_virtual_network.main[0].id : join("/", slice(split("/", "${var.existing_endpoints_subnet_id}/////////"), 0, 9))
  prefix_length       = tonumber(split("/", var.network_address_prefix)[1])

  zone_names = {
    blob  = "privatelink.blob.core.windows.net"
    queue = "privatelink.queue.core.windows.net"
    dfs   = "privatelink.dfs.core.windows.net"
    vault = "privatelink.vaultcore.azure.net"
    sites = "privatelink.azurewebsites.net"
  }
  endpoints = var.private_networking ? merge(
    {
      "data-blob"  = { resource = azapi_resource.data_account.id, part = "blob" }
      "data-queue" = { resource = azapi_resource.data_account.id, part = "queue" }
      "host-blob"  = { resource = azapi_resource.host_account.id, part = "blob" }
    },
    local.uses_vault ? { "vault" = { resource = local.vault_id, part = "vault" } } : {},
    var.sftp_enabled ? { "data-dfs" = { resource = azapi_resource.data_account.id, part = "dfs" } } : {},
  ) : {}
  app_has_endpoint = var.private_networking && var.app_public_network_access == "Disabled"

  makes_zones = var.private_networking && var.private_dns_records && var.existing_dns_zones_group_id == ""
  zone_parts = toset(concat(
    ["blob", "queue"],
    local.uses_vault ? ["vault"] : [],
    var.sftp_enabled ? ["dfs"] : [],
    local.app_has_endpoint ? ["sites"] : [],
  ))
  zone_ids = var.private_dns_records ? {
    for part, name in local.zone_names : part => [
      local.makes_zones ? try(azurerm_private_dns_zone.zones[part].id, "") : "${var.existing_dns_zones_group_id}/providers/Microsoft.Network/privateDnsZones/${name}"
    ]
  } : {}
}

# A fixed outbound address: what a firewall in front of the connector or the tenant can be told.
resource "azurerm_public_ip" "outbound" {
  count = local.own_network ? 1 : 0

  name                = local.names.public_ip_address
  resource_group_name = local.group
  location            = var.location
  sku                 = "Standard"
  allocation_method   = "Static"
  tags                = local.tags
}

resource "azurerm_nat_gateway" "main" {
  count = local.own_network ? 1 : 0

  name                = local.names.nat_gateway
  resource_group_name = local.group
  location            = var.location
  sku_name            = "Standard"
  tags                = local.tags
}

resource "azurerm_nat_gateway_public_ip_association" "main" {
  count = local.own_network ? 1 : 0

  nat_gateway_id       = azurerm_nat_gateway.main[0].id
  public_ip_address_id = azurerm_public_ip.outbound[0].id
}

# Azure's own rules do: in from the network, out to anywhere, nothing in from the internet.
resource "azurerm_network_security_group" "main" {
  count = local.own_network ? 1 : 0

  name                = local.names.network_security_group
  resource_group_name = local.group
  location            = var.location
  tags                = local.tags
}

resource "azurerm_virtual_network" "main" {
  count = local.own_network ? 1 : 0

  name                = local.names.virtual_network
  resource_group_name = local.group
  location            = var.location
  address_space       = [var.network_address_prefix]
  tags                = local.tags
}

resource "azurerm_subnet" "app" {
  count = local.own_network ? 1 : 0

  name                            = "app"
  resource_group_name             = local.group
  virtual_network_name            = azurerm_virtual_network.main[0].name
  address_prefixes                = [cidrsubnet(var.network_address_prefix, 26 - local.prefix_length, 0)] # an instance takes an address; 59 are enough for 40 instances
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
  count = local.own_network ? 1 : 0

  subnet_id      = azurerm_subnet.app[0].id
  nat_gateway_id = azurerm_nat_gateway.main[0].id
}

resource "azurerm_subnet" "endpoints" {
  count = local.own_network ? 1 : 0

  name                              = "endpoints"
  resource_group_name               = local.group
  virtual_network_name              = azurerm_virtual_network.main[0].name
  address_prefixes                  = [cidrsubnet(var.network_address_prefix, 27 - local.prefix_length, 2)]
  default_outbound_access_enabled   = false
  private_endpoint_network_policies = "Enabled"
}

resource "azurerm_subnet_network_security_group_association" "app" {
  count = local.own_network ? 1 : 0

  subnet_id                 = azurerm_subnet.app[0].id
  network_security_group_id = azurerm_network_security_group.main[0].id
}

resource "azurerm_subnet_network_security_group_association" "endpoints" {
  count = local.own_network ? 1 : 0

  subnet_id                 = azurerm_subnet.endpoints[0].id
  network_security_group_id = azurerm_network_security_group.main[0].id
}

resource "azurerm_private_dns_zone" "zones" {
  for_each = local.makes_zones ? local.zone_parts : []

  name                = local.zone_names[each.key]
  resource_group_name = local.group
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "links" {
  for_each = local.makes_zones ? local.zone_parts : []

  name                 = "gatepost"
  private_dns_zone_id  = azurerm_private_dns_zone.zones[each.key].id
  virtual_network_id   = local.vnet_id
  registration_enabled = false
  tags                 = local.tags
}

resource "azurerm_private_endpoint" "endpoints" {
  for_each = local.endpoints

  name                = "pep-gatepost-${each.key}-${local.token}"
  resource_group_name = local.group
  location            = var.location
  subnet_id           = local.endpoints_subnet_id
  tags                = local.tags

  private_service_connection {
    name                           = each.key
    private_connection_resource_id = each.value.resource
    subresource_names              = [each.value.part]
    is_manual_connection           = false
  }

  dynamic "private_dns_zone_group" {
    for_each = var.private_dns_records ? [each.value.part] : []

    content {
      name                 = "default"
      private_dns_zone_ids = local.zone_ids[private_dns_zone_group.value]
    }
  }

  lifecycle {
    ignore_changes = [private_dns_zone_group] # a policy may have written it
  }
}

# Deployments come in here when the app's own address is closed.
resource "azurerm_private_endpoint" "app" {
  count = local.app_has_endpoint ? 1 : 0

  name                = "pep-gatepost-app-${local.token}"
  resource_group_name = local.group
  location            = var.location
  subnet_id           = local.endpoints_subnet_id
  tags                = local.tags

  private_service_connection {
    name                           = "app"
    private_connection_resource_id = azapi_resource.app.id
    subresource_names              = ["sites"]
    is_manual_connection           = false
  }

  dynamic "private_dns_zone_group" {
    for_each = var.private_dns_records ? ["sites"] : []

    content {
      name                 = "default"
      private_dns_zone_ids = local.zone_ids[private_dns_zone_group.value]
    }
  }

  lifecycle {
    ignore_changes = [private_dns_zone_group] # a policy may have written it
  }
}
