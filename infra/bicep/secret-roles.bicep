// Roles on the one secret, by its name: it need not exist yet, and other secrets of an existing vault stay closed.
param vaultName string
param secretName string
param appPrincipalId string
param operatorsObjectId string

var roles = {
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  keyVaultSecretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' existing = {
  parent: vault
  name: secretName
}

// The app: to read the newest version of the secret, and when it expires.
resource appReadsSecret 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: secret
  name: guid(secret.id, appPrincipalId, roles.keyVaultSecretsUser)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
  }
}

// Operators: to put the secret in, and a new one before the old one expires.
resource operatorsSetSecret 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorsObjectId)) {
  scope: secret
  name: guid(secret.id, operatorsObjectId, roles.keyVaultSecretsOfficer)
  properties: {
    principalId: operatorsObjectId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsOfficer)
  }
}
