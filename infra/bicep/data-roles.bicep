// Who may do what in the data account. Nobody but the app reads the state container: a person who reads it has the key to the
// index of events.
param dataAccountName string
param exportsContainer string
param resultsContainer string
param stateContainer string
param sourcesContainer string
param deadLettersContainer string
param exportsQueue string
param poisonQueue string
param identityName string
param appWritesSources bool
param exporterObjectId string
param readersObjectId string
param operatorsObjectId string

var roles = {
  storageBlobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  storageQueueDataReader: '19e7f393-937e-4f77-808e-94535e297925'
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  storageQueueDataMessageSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
  storageQueueDataMessageProcessor: '8a0f0c08-91a1-4084-bc3d-661d67233fed'
}
var appSourcesRole = appWritesSources ? roles.storageBlobDataContributor : roles.storageBlobDataReader

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataAccountName
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' existing = {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' existing = {
  parent: account
  name: 'default'
}

resource exports 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' existing = {
  parent: blobs
  name: exportsContainer
}

resource results 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' existing = {
  parent: blobs
  name: resultsContainer
}

resource state 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' existing = {
  parent: blobs
  name: stateContainer
}

resource sources 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' existing = {
  parent: blobs
  name: sourcesContainer
}

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' existing = {
  parent: blobs
  name: deadLettersContainer
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' existing = {
  parent: queues
  name: exportsQueue
}

resource poison 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' existing = {
  parent: queues
  name: poisonQueue
}

// The app: to read an export twice and list exports in the sweep. It never changes or deletes one.
resource appReadsExports 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: exports
  name: guid(exports.id, identity.id, roles.storageBlobDataReader)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
  }
}

// The app: to read source profiles and people files; to write the people file only if it refreshes it from Entra ID.
resource appReadsSources 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: sources
  name: guid(sources.id, identity.id, appSourcesRole)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', appSourcesRole)
  }
}

// The app: to write outcomes and rejected records.
resource appWritesResults 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: results
  name: guid(results.id, identity.id, roles.storageBlobDataContributor)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageBlobDataContributor
    )
  }
}

// The app, and nobody else: to read and write ledgers and the index of events, and to hold its lease.
resource appWritesState 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: state
  name: guid(state.id, identity.id, roles.storageBlobDataContributor)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageBlobDataContributor
    )
  }
}

// The host: to take and delete messages. The app: to requeue an export, and to queue what the sweep found.
resource appWorksQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: queue
  name: guid(queue.id, identity.id, roles.storageQueueDataContributor)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageQueueDataContributor
    )
  }
}

// The host: to move a message here that failed five times.
resource appWorksPoisonQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: poison
  name: guid(poison.id, identity.id, roles.storageQueueDataContributor)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageQueueDataContributor
    )
  }
}

// No built-in role lets an identity write blobs without reading and deleting them as well.
resource exporterRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (!empty(exporterObjectId) || !empty(operatorsObjectId)) {
  name: guid(account.id, 'gatepost-exporter')
  properties: {
    roleName: 'Gatepost exporter ${dataAccountName}'
    description: 'Create and write blobs, nothing else: neither list, read nor delete.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        dataActions: [
          'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action'
          'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'
        ]
      }
    ]
  }
}

// The badging system: to upload exports, and nothing else.
resource exporterWritesExports 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(exporterObjectId)) {
  scope: exports
  name: guid(exports.id, exporterObjectId, 'gatepost-exporter')
  properties: {
    principalId: exporterObjectId
    roleDefinitionId: exporterRole.id
  }
}

// Badge administrators and auditors: to see what became of an export, and to fetch rejected records.
resource readersReadResults 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(readersObjectId)) {
  scope: results
  name: guid(results.id, readersObjectId, roles.storageBlobDataReader, 'readers')
  properties: {
    principalId: readersObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
  }
}

// Operators: to upload exports and corrected files, and to restore a deleted one.
resource operatorsWriteExports 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId) && operatorsObjectId != exporterObjectId) {
  scope: exports
  name: guid(exports.id, operatorsObjectId, 'gatepost-exporter')
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: exporterRole.id
  }
}

// Operators: to read and list exports, which the commands upload, retry and check do too.
resource operatorsReadExports 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId)) {
  scope: exports
  name: guid(exports.id, operatorsObjectId, roles.storageBlobDataReader)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
  }
}

// Operators: to see what became of an export, and to fetch rejected records.
resource operatorsReadResults 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId) && operatorsObjectId != readersObjectId) {
  scope: results
  name: guid(results.id, operatorsObjectId, roles.storageBlobDataReader, 'operators')
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
  }
}

// Operators: to put source profiles and people files there, and to correct them.
resource operatorsWriteSources 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId)) {
  scope: sources
  name: guid(sources.id, operatorsObjectId, roles.storageBlobDataContributor)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageBlobDataContributor
    )
  }
}

// Operators: to see how many messages wait.
resource operatorsReadQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId)) {
  scope: queue
  name: guid(queue.id, operatorsObjectId, roles.storageQueueDataReader)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageQueueDataReader)
  }
}

// Operators: to see whether the poison queue is empty.
resource operatorsReadPoisonQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId)) {
  scope: poison
  name: guid(poison.id, operatorsObjectId, roles.storageQueueDataReader)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageQueueDataReader)
  }
}

// Operators: to ask for something: retry, resend, give-up and sweep are messages.
resource operatorsSendMessages 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId)) {
  scope: queue
  name: guid(queue.id, operatorsObjectId, roles.storageQueueDataMessageSender)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageQueueDataMessageSender
    )
  }
}

// Operators: to look at a poison message and take it away once its cause is fixed.
resource operatorsEmptyPoisonQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId)) {
  scope: poison
  name: guid(poison.id, operatorsObjectId, roles.storageQueueDataMessageProcessor)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.storageQueueDataMessageProcessor
    )
  }
}

// Operators: to see which events Event Grid could not deliver.
resource operatorsReadDeadLetters 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId)) {
  scope: deadLetters
  name: guid(deadLetters.id, operatorsObjectId, roles.storageBlobDataReader)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
  }
}
