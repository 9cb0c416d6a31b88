// The data account: exports, outcomes and ledgers. Every caller has an identity.
import { tagValues } from 'types.bicep'

param name string
param location string
param tags tagValues
param sku string
param infrastructureEncryption bool
param sftpEnabled bool
param sftpPublicKey string
param locked bool
param publicNetworkAccess string
param privateNetworking bool
param allowedAddresses string[]
param exportsContainer string
param resultsContainer string
param stateContainer string
param sourcesContainer string
param deadLettersContainer string
param exportsQueue string
param poisonQueue string

@description('Days until each kind of thing is deleted.')
param kept { exports: int, outcomes: int, rejected: int, eventRuns: int, resendRuns: int, openFiles: int }
param workspaceId string

var recoverableDays = 30 // versions and soft-deleted blobs
var reportDays = 30 // the report is written anew every day

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
    encryption: {
      keySource: 'Microsoft.Storage'
      requireInfrastructureEncryption: infrastructureEncryption
      services: { blob: { enabled: true }, file: { enabled: true } }
    }
    isHnsEnabled: sftpEnabled // SFTP needs the hierarchical namespace, which cannot be switched on or off later
    isSftpEnabled: sftpEnabled
    isLocalUserEnabled: sftpEnabled
    // Not 'Disabled' behind a firewall by itself: Event Grid delivers as a trusted service, through the public endpoint.
    publicNetworkAccess: publicNetworkAccess
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
    deleteRetentionPolicy: { enabled: true, days: recoverableDays }
    containerDeleteRetentionPolicy: { enabled: true, days: recoverableDays }
  }
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource exports 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: exportsContainer
  properties: { publicAccess: 'None' }
}

resource results 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: resultsContainer
  properties: { publicAccess: 'None' }
}

resource state 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: stateContainer
  properties: { publicAccess: 'None' }
}

resource sources 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: sourcesContainer
  properties: { publicAccess: 'None' }
}

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: deadLettersContainer
  properties: { publicAccess: 'None' }
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = {
  parent: queues
  name: exportsQueue
}

// The host moves a message here after five failed tries; it is made now, so that nobody needs the right to make queues.
resource poison 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = {
  parent: queues
  name: poisonQueue
}

// --- how long things are kept ---------------------------------------------------------------------------------------

// Kept for ever: sources, and of the state what is no event of anybody: lease/, keys/, folders/, sweeps/, values/, remaps/ (which the sweep clears).
var rules = [
  { name: 'exports', prefix: '${exportsContainer}/', days: kept.exports }
  { name: 'rejected', prefix: '${resultsContainer}/rejected/', days: kept.rejected }
  { name: 'outcomes', prefix: '${resultsContainer}/outcomes/', days: kept.outcomes }
  { name: 'reports', prefix: '${resultsContainer}/reports/', days: reportDays }
  { name: 'ledgers', prefix: '${stateContainer}/ledger/', days: kept.outcomes }
  { name: 'plans', prefix: '${stateContainer}/plans/', days: kept.outcomes }
  { name: 'open-files', prefix: '${stateContainer}/open/', days: kept.openFiles }
  { name: 'event-runs', prefix: '${stateContainer}/events/', days: kept.eventRuns }
  { name: 'resend-runs', prefix: '${stateContainer}/resends/', days: kept.resendRuns }
  { name: 'dead-letters', prefix: '${deadLettersContainer}/', days: kept.exports }
]
var currentRules = map(rules, rule => {
  name: 'delete-${rule.name}'
  enabled: true
  type: 'Lifecycle'
  definition: {
    filters: { blobTypes: ['blockBlob', 'appendBlob'], prefixMatch: [rule.prefix] }
    actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: rule.days } } }
  }
})
// Of everything, also of what is kept for ever: ledgers and people files are overwritten often.
var versionRule = {
  name: 'delete-old-versions'
  enabled: true
  type: 'Lifecycle'
  definition: {
    filters: { blobTypes: ['blockBlob', 'appendBlob'] }
    actions: { version: { delete: { daysAfterCreationGreaterThan: recoverableDays } } }
  }
}

resource retention 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  dependsOn: [blobs] // versions must be on before a rule speaks of them
  properties: {
    policy: { rules: sftpEnabled ? currentRules : concat(currentRules, [versionRule]) }
  }
}

// --- SFTP, who did what, and what nobody may do ----------------------------------------------------------------------

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
#disable-next-line use-recent-api-versions // the only version that knows category groups, and the one everybody uses
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

// Messages are how operators ask for things: who put or took one. No reads: the host looks at the queue every few seconds.
#disable-next-line use-recent-api-versions // the only version that knows category groups, and the one everybody uses
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

// Against deletion by mistake. Role assignments below it cannot be deleted either while it stands.
resource dataLock 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  scope: account
  name: 'gatepost'
  properties: { level: 'CanNotDelete', notes: 'Holds exports, outcomes and the ledgers that stop repeats.' }
}
