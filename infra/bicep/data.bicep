// The data account: exports come in, outcomes go out, ledgers are kept. Whoever comes here comes with an identity.
param name string
param location string
param tags object
param sku string
param sftpEnabled bool
param sftpPublicKey string
param privateNetworking bool
param allowedAddresses string[]
param exportRetentionDays int
param rejectedRetentionDays int
param outcomeRetentionDays int
param workspaceId string
param appPrincipalId string
param exporterObjectId string
param readersObjectId string
param operatorsObjectId string

var keptDays = 30 // versions and soft-deleted blobs
var roles = {
  storageBlobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  storageQueueDataReader: '19e7f393-937e-4f77-808e-94535e297925'
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  storageQueueDataMessageSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
  storageQueueDataMessageProcessor: '8a0f0c08-91a1-4084-bc3d-661d67233fed'
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    isHnsEnabled: sftpEnabled // SFTP needs the hierarchical namespace, which cannot be switched on or off later
    isSftpEnabled: sftpEnabled
    isLocalUserEnabled: sftpEnabled
    // Not 'Disabled' behind a firewall: Event Grid delivers as a trusted service, which needs the public endpoint.
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: privateNetworking ? 'Deny' : 'Allow'
      ipRules: privateNetworking ? map(allowedAddresses, address => { value: address, action: 'Allow' }) : []
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: !sftpEnabled // an account with a hierarchical namespace cannot keep versions
    deleteRetentionPolicy: { enabled: true, days: keptDays }
    containerDeleteRetentionPolicy: { enabled: true, days: keptDays }
  }
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource exports 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: 'badging-exports'
  properties: { publicAccess: 'None' }
}

resource results 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: 'badging-results'
  properties: { publicAccess: 'None' }
}

resource state 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: 'gatepost-state'
  properties: { publicAccess: 'None' }
}

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: 'dead-letters'
  properties: { publicAccess: 'None' }
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = {
  parent: queues
  name: 'badging-exports'
}

// The host moves a message here after five failed tries; it is made now, so that nobody needs the right to make queues.
resource poisonQueue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = {
  parent: queues
  name: 'badging-exports-poison'
}

// --- how long things are kept ---------------------------------------------------------------------------------------

var kept = [
  { name: 'exports', prefix: '${exports.name}/', days: exportRetentionDays }
  { name: 'rejected', prefix: '${results.name}/rejected/', days: rejectedRetentionDays }
  { name: 'outcomes', prefix: '${results.name}/outcomes/', days: outcomeRetentionDays }
  { name: 'ledgers', prefix: '${state.name}/ledger/', days: outcomeRetentionDays }
  { name: 'dead-letters', prefix: '${deadLetters.name}/', days: exportRetentionDays }
]

resource retention 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: map(kept, rule => {
        name: 'delete-${rule.name}'
        enabled: true
        type: 'Lifecycle'
        definition: {
          filters: { blobTypes: ['blockBlob', 'appendBlob'], prefixMatch: [rule.prefix] }
          actions: sftpEnabled
            ? { baseBlob: { delete: { daysAfterModificationGreaterThan: rule.days } } }
            : {
                baseBlob: { delete: { daysAfterModificationGreaterThan: rule.days } }
                version: { delete: { daysAfterCreationGreaterThan: keptDays } }
              }
        }
      })
    }
  }
}

// --- who may do what ------------------------------------------------------------------------------------------------

// The app: to read an export twice and list exports in the sweep. It never changes or deletes one.
resource appReadsExports 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: exports
  name: guid(exports.id, appPrincipalId, roles.storageBlobDataReader)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
  }
}

// The app: to write outcomes and rejected records.
resource appWritesResults 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: results
  name: guid(results.id, appPrincipalId, roles.storageBlobDataContributor)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataContributor)
  }
}

// The app, and nobody else: to write ledgers and hold their leases.
resource appWritesState 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: state
  name: guid(state.id, appPrincipalId, roles.storageBlobDataContributor)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataContributor)
  }
}

// The host: to take and delete messages. The app: to put back what comes back, and what the sweep found.
resource appWorksQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: queue
  name: guid(queue.id, appPrincipalId, roles.storageQueueDataContributor)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageQueueDataContributor)
  }
}

// The host: to move a message here that failed five times.
resource appWorksPoisonQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: poisonQueue
  name: guid(poisonQueue.id, appPrincipalId, roles.storageQueueDataContributor)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageQueueDataContributor)
  }
}

// No built-in role lets an identity write blobs without reading and deleting them as well.
resource exporterRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (!empty(exporterObjectId) || !empty(operatorsObjectId)) {
  name: guid(account.id, 'gatepost-exporter')
  properties: {
    roleName: 'Gatepost exporter ${name}'
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

// The badging system: to drop exports, and nothing else.
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

// Operators: for gatepost.py drop, and to drop a mended file.
resource operatorsWriteExports 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId) && operatorsObjectId != exporterObjectId) {
  scope: exports
  name: guid(exports.id, operatorsObjectId, 'gatepost-exporter')
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: exporterRole.id
  }
}

// Operators: for gatepost.py drop, retry and check, which look at exports.
resource operatorsReadExports 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId)) {
  scope: exports
  name: guid(exports.id, operatorsObjectId, roles.storageBlobDataReader)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
  }
}

// Operators: the same, and for what an alert asks them to look at.
resource operatorsReadResults 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId) && operatorsObjectId != readersObjectId) {
  scope: results
  name: guid(results.id, operatorsObjectId, roles.storageBlobDataReader, 'operators')
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
  }
}

// Operators: for gatepost.py check; ledgers hold no personal data.
resource operatorsReadState 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId)) {
  scope: state
  name: guid(state.id, operatorsObjectId, roles.storageBlobDataReader)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataReader)
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
  scope: poisonQueue
  name: guid(poisonQueue.id, operatorsObjectId, roles.storageQueueDataReader)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageQueueDataReader)
  }
}

// Operators: for gatepost.py retry and resend, which put a message on the queue.
resource operatorsSendMessages 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId)) {
  scope: queue
  name: guid(queue.id, operatorsObjectId, roles.storageQueueDataMessageSender)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageQueueDataMessageSender)
  }
}

// Operators: to look at a poison message and take it away once its cause is mended.
resource operatorsEmptyPoisonQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId)) {
  scope: poisonQueue
  name: guid(poisonQueue.id, operatorsObjectId, roles.storageQueueDataMessageProcessor)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageQueueDataMessageProcessor)
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

// --- SFTP, and who did what -----------------------------------------------------------------------------------------

// Signs in with a key pair only; may create and write, as the exporter's identity may.
resource sftpUser 'Microsoft.Storage/storageAccounts/localUsers@2025-01-01' = if (sftpEnabled && !empty(sftpPublicKey)) {
  parent: account
  name: 'exporter'
  properties: {
    hasSharedKey: false
    hasSshKey: true
    hasSshPassword: false
    homeDirectory: exports.name
    permissionScopes: [{ permissions: 'cw', service: 'blob', resourceName: exports.name }]
    sshAuthorizedKeys: [{ description: 'exporter', key: sftpPublicKey }]
  }
}

// Exports are personal data: who read, wrote or deleted what.
resource blobAudit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: blobs
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'StorageRead', enabled: true }
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
  }
}

// The alert about poison messages reads these. No reads: the host looks at the queue every few seconds.
resource queueAudit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: queues
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
  }
}

output id string = account.id
output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
output exportsContainer string = exports.name
output resultsContainer string = results.name
output stateContainer string = state.name
output deadLettersContainer string = deadLetters.name
output exportsQueue string = queue.name
