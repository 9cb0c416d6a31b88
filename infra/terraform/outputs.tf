output "AZURE_RESOURCE_GROUP" {
  description = "Resource group of everything above."
  value       = local.group
}

output "FUNCTION_APP_NAME" {
  description = "The function app; the package is deployed to it."
  value       = azapi_resource.app.name
}

output "DATA_ACCOUNT_NAME" {
  description = "The account that exports are uploaded to."
  value       = azapi_resource.data_account.name
}

output "EXPORTS_URL" {
  description = "Where exports are uploaded."
  value       = "${azapi_resource.data_account.output.blob}${azurerm_storage_container.exports.name}"
}

output "RESULTS_URL" {
  description = "Where outcomes and rejected records are written."
  value       = "${azapi_resource.data_account.output.blob}${azurerm_storage_container.results.name}"
}

output "SOURCES_URL" {
  description = "Where sources are described."
  value       = "${azapi_resource.data_account.output.blob}${azurerm_storage_container.sources.name}"
}

output "KEY_VAULT_NAME" {
  description = "The vault the secret or certificate belongs into; empty if none is needed."
  value       = local.vault_name
}

output "APP_SECRET_NAME" {
  description = "The secret's name in the vault."
  value       = var.app_secret_name
}

output "ALERTS_GO_TO" {
  description = "Who is told by alerts; empty for nobody."
  value       = var.existing_action_group_id == "" ? var.alert_email : var.existing_action_group_id
}

output "OUTBOUND_IP_ADDRESS" {
  description = "The app's address on the internet when private_networking makes a network; otherwise empty."
  value       = local.own_network ? azurerm_public_ip.outbound[0].ip_address : ""
}
