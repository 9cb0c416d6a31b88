// A network of our own: a subnet for the app, one for private endpoints, and one fixed address towards the internet.
import { tagValues } from 'types.bicep'

param location string
param tags tagValues
param vnetName string
param gatewayName string
param addressName string
param securityGroupName string
param addressPrefix string

// A fixed outbound address: what a firewall in front of the connector or the tenant can be told.
resource address 'Microsoft.Network/publicIPAddresses@2025-05-01' = {
  name: addressName
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource gateway 'Microsoft.Network/natGateways@2025-05-01' = {
  name: gatewayName
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIpAddresses: [{ id: address.id }] }
}

// Azure's own rules do: in from the network, out to anywhere, nothing in from the internet.
resource securityGroup 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: securityGroupName
  location: location
  tags: tags
}

resource vnet 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: vnetName
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
  }
}

resource appSubnet 'Microsoft.Network/virtualNetworks/subnets@2025-05-01' = {
  parent: vnet
  name: 'app'
  properties: {
    addressPrefix: cidrSubnet(addressPrefix, 26, 0) // an instance takes an address; 59 are enough for 40 instances
    defaultOutboundAccess: false
    natGateway: { id: gateway.id }
    networkSecurityGroup: { id: securityGroup.id }
    delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
  }
}

resource endpointsSubnet 'Microsoft.Network/virtualNetworks/subnets@2025-05-01' = {
  parent: vnet
  name: 'endpoints'
  dependsOn: [appSubnet] // a network takes one change at a time
  properties: {
    addressPrefix: cidrSubnet(addressPrefix, 27, 2)
    defaultOutboundAccess: false
    networkSecurityGroup: { id: securityGroup.id }
    privateEndpointNetworkPolicies: 'Enabled'
  }
}

output outboundIpAddress string = address.properties.ipAddress
