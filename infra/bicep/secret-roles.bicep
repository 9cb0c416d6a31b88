// Roles on the one secret, by its name: it need not exist yet, and other secrets of an existing vault stay closed. A
// certificate's private part is read as the secret of the same name.
param vaultName string
param secretName string
param operatorsMaySet bool
param identityName string
param identitySubscriptionId string
param identityGroupName string
param operatorsObjectId string

var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var operatorsSet = operatorsMaySet && !empty(operatorsObjectId)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
  scope: resourceGroup(identitySubscriptionId, identityGroupName)
}

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2025-05-01' existing = {
  parent: vault
  name: secretName
}

// The app: to read the newest version of the secret, and when it expires.
resource appReadsSecret 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: secret
  name: guid(secret.id, identity.id, keyVaultSecretsUser)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}

// No built-in role lets a person put a secret in without reading it.
resource secretSetterRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (operatorsSet) {
  name: guid(vault.id, 'gatepost-secret-setter')
  properties: {
    roleName: 'Gatepost secret setter ${vaultName}'
    description: 'Set a secret and see its name and dates, never its value.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        dataActions: [
          'Microsoft.KeyVault/vaults/secrets/readMetadata/action'
          'Microsoft.KeyVault/vaults/secrets/setSecret/action'
          'Microsoft.KeyVault/vaults/secrets/update/action'
        ]
      }
    ]
  }
}

// Operators: to put the secret in, and a new one before the old one expires.
resource operatorsSetSecret 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (operatorsSet) {
  scope: secret
  name: guid(secret.id, operatorsObjectId, 'gatepost-secret-setter')
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: secretSetterRole.id
  }
}
