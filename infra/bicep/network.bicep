// Private networking: storage and vault are reached through private endpoints, the internet through one fixed address.
param token string
param location string
param tags object
param dataAccountId string
param hostAccountId string
param vaultId string
param sftpEnabled bool

var suffix = environment().suffixes.storage
var endpoints = concat(
  [
    { name: 'data-blob', resource: dataAccountId, part: 'blob', zone: 'privatelink.blob.${suffix}' }
    { name: 'data-queue', resource: dataAccountId, part: 'queue', zone: 'privatelink.queue.${suffix}' }
    { name: 'host-blob', resource: hostAccountId, part: 'blob', zone: 'privatelink.blob.${suffix}' }
    { name: 'vault', resource: vaultId, part: 'vault', zone: 'privatelink.vaultcore.azure.net' }
  ],
  sftpEnabled
    ? [{ name: 'data-dfs', resource: dataAccountId, part: 'dfs', zone: 'privatelink.dfs.${suffix}' }]
    : []
)
var zoneNames = union(map(endpoints, endpoint => endpoint.zone), [])

// A fixed outbound address: what a firewall in front of the connector or the tenant can be told.
resource address 'Microsoft.Network/publicIPAddresses@2024-07-01' = {
  name: 'pip-gatepost-${token}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource gateway 'Microsoft.Network/natGateways@2024-07-01' = {
  name: 'ng-gatepost-${token}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIpAddresses: [{ id: address.id }] }
}

resource vnet 'Microsoft.Network/virtualNetworks@2024-07-01' = {
  name: 'vnet-gatepost-${token}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.31.0.0/24'] }
  }

  resource appSubnet 'subnets' = {
    name: 'app'
    properties: {
      addressPrefix: '10.31.0.0/26' // an instance takes an address; 59 are enough for 40 instances
      defaultOutboundAccess: false
      natGateway: { id: gateway.id }
      delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
    }
  }

  resource endpointsSubnet 'subnets' = {
    name: 'endpoints'
    dependsOn: [appSubnet] // a network takes one change at a time
    properties: {
      addressPrefix: '10.31.0.64/27'
      defaultOutboundAccess: false
      privateEndpointNetworkPolicies: 'Enabled'
    }
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [for zone in zoneNames: {
  name: zone
  location: 'global'
  tags: tags
}]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for (zone, index) in zoneNames: {
  parent: zones[index]
  name: 'gatepost'
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: vnet.id }
  }
}]

resource privateEndpoints 'Microsoft.Network/privateEndpoints@2024-07-01' = [for endpoint in endpoints: {
  name: 'pep-gatepost-${endpoint.name}-${token}'
  location: location
  tags: tags
  properties: {
    subnet: { id: vnet::endpointsSubnet.id }
    privateLinkServiceConnections: [
      {
        name: endpoint.name
        properties: { privateLinkServiceId: endpoint.resource, groupIds: [endpoint.part] }
      }
    ]
  }
}]

resource endpointZones 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = [for (endpoint, index) in endpoints: {
  parent: privateEndpoints[index]
  name: 'default'
  dependsOn: [zones]
  properties: {
    privateDnsZoneConfigs: [
      {
        name: endpoint.part
        properties: { privateDnsZoneId: resourceId('Microsoft.Network/privateDnsZones', endpoint.zone) }
      }
    ]
  }
}]

output appSubnetId string = vnet::appSubnet.id
output outboundIpAddress string = address.properties.ipAddress
