// Blob events of the data account, and what the topic's own identity may do with them. Azure allows one system topic for
// an account: an existing one is used as it is.
import { tagValues } from 'types.bicep'

param name string
param location string
param tags tagValues
param makesTopic bool
param dataAccountName string
param exportsQueue string
param deadLettersContainer string

var roles = {
  storageQueueDataMessageSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataAccountName
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' existing = {
  parent: account
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' existing = {
  parent: queues
  name: exportsQueue
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' existing = {
  parent: account
  name: 'default'
}

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' existing = {
  parent: blobs
  name: deadLettersContainer
}

resource madeTopic 'Microsoft.EventGrid/systemTopics@2025-02-15' = if (makesTopic) {
  name: name
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' } // the only kind that gets past a storage firewall
  properties: {
    source: account.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: name
}

// Event Grid: to put messages on the one queue.
resource topicSendsMessages 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: queue
  dependsOn: [madeTopic]
  name: guid(queue.id, topic.id, roles.storageQueueDataMessageSender) // the principal is not known yet when names are made
  properties: {
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageQueueDataMessageSender
    )
  }
}

// Event Grid: to keep events it cannot deliver within a day.
resource topicWritesDeadLetters 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: deadLetters
  dependsOn: [madeTopic]
  name: guid(deadLetters.id, topic.id, roles.storageBlobDataContributor)
  properties: {
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageBlobDataContributor
    )
  }
}
