// The organisation's subnets and private DNS zones, its names and tags.
using '../main.bicep'

param environmentName = 'badging'
param location = 'westeurope'
param connectorTenantId = '00000000-0000-0000-0000-000000000003'
param connectorAppId = '00000000-0000-0000-0000-000000000004'
param connectorJobId = '00000000-0000-0000-0000-000000000005'
param privateNetworking = true
param existingAppSubnetId = '/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub/subnets/functions'
param existingEndpointsSubnetId = '/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub/subnets/endpoints'
param existingDnsZonesGroupId = '/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-dns'
param infrastructureEncryption = true
param dataPublicNetworkAccess = 'SecuredByPerimeter'
param tags = { costCentre: '4711', owner: 'badging' }
param names = {
  resourceGroup: 'rg-corp-badging'
  app: 'func-corp-badging'
  dataAccount: 'stcorpbadging'
  vault: 'kv-corp-badging'
}
param exporterObjectId = '00000000-0000-0000-0000-0000000000e1'
param readersObjectId = '00000000-0000-0000-0000-0000000000e2'
param operatorsObjectId = '00000000-0000-0000-0000-0000000000e3'
