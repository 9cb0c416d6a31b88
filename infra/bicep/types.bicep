// What both entries, main.bicep and resource-group.bicep, share.

@export()
@description('Names to use instead of the ones Gatepost makes up; what is left out is made up.')
type resourceNames = {
  @description('The resource group; read by main.bicep only.')
  resourceGroup: string?

  @description('The app\'s user-assigned identity.')
  identity: string?

  @description('The Log Analytics workspace.')
  workspace: string?

  @description('Application Insights.')
  applicationInsights: string?

  @description('The data account: 3 to 24 lower-case letters and digits, free in all of Azure.')
  dataAccount: string?

  @description('The function host\'s own account: the same rule.')
  hostAccount: string?

  @description('The vault: 3 to 24 letters, digits and hyphens, free in all of Azure.')
  vault: string?

  @description('The system topic.')
  systemTopic: string?

  @description('The Flex Consumption plan.')
  plan: string?

  @description('The function app; free in all of Azure.')
  app: string?

  @description('The action group.')
  actionGroup: string?

  @description('The virtual network.')
  virtualNetwork: string?

  @description('The NAT gateway.')
  natGateway: string?

  @description('The public address of the NAT gateway.')
  publicIpAddress: string?

  @description('The network security group of both subnets.')
  networkSecurityGroup: string?
}

@export()
@description('Tags, by name.')
type tagValues = { *: string }

@export()
@description('An environment\'s name as it is, or an error that stops the deployment.')
func checkedEnvironmentName(name string) string =>
  empty(filter(
      map(range(0, length(name)), index => substring(name, index, 1)),
      letter => !contains('abcdefghijklmnopqrstuvwxyz0123456789-', letter)
    ))
    ? name
    : fail('environmentName is ${name}: use lower-case letters, digits and hyphens only.')
