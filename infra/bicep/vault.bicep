// The vault that will hold the app registration's client secret or certificate. A person puts it in; nothing here knows it.
import { tagValues } from 'types.bicep'

param name string
param location string
param tags tagValues
param locked bool
param privateNetworking bool
param allowedAddresses string[]
param workspaceId string

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
    publicNetworkAccess: privateNetworking && empty(allowedAddresses) ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: privateNetworking ? 'Deny' : 'Allow'
      ipRules: privateNetworking ? map(allowedAddresses, address => { value: address }) : []
    }
  }
}

// Who read or set the secret.
#disable-next-line use-recent-api-versions // the only version that knows category groups, and the one everybody uses
resource vaultAudit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

// Against deletion by mistake. Role assignments below it cannot be deleted either while it stands.
resource vaultLock 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  scope: vault
  name: 'gatepost'
  properties: { level: 'CanNotDelete', notes: 'Holds the credential that every export needs.' }
}
