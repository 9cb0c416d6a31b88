// Blob events of the data account. Azure allows one system topic for an account: an existing one is used as it is.
import { tagValues } from 'types.bicep'

param name string
param location string
param tags tagValues
param dataAccountName string

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataAccountName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' } // the only kind that gets past a storage firewall
  properties: {
    source: account.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}
