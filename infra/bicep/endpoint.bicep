// A private endpoint, with its DNS record where a zone is named.
import { tagValues } from 'types.bicep'

param name string
param location string
param tags tagValues
param connection string
param resource string
param part string
param subnetId string

@description('The zone that gets the record; empty where a policy writes it.')
param zoneId string

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: connection
        properties: { privateLinkServiceId: resource, groupIds: [part] }
      }
    ]
  }
}

resource record 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = if (!empty(zoneId)) {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [{ name: part, properties: { privateDnsZoneId: zoneId } }]
  }
}
