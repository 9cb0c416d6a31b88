output "AZURE_RESOURCE_GROUP" {
  description = "Resource group of everything above."
  value       = azurerm_resource_group.main.name
}

output "FUNCTION_APP_NAME" {
  description = "The function app; the package is deployed to it."
  value       = azapi_resource.app.name
}

output "DATA_ACCOUNT_NAME" {
  description = "The account that exports are dropped into."
  value       = azapi_resource.data_account.name
}

output "EXPORTS_URL" {
  description = "Where exports are dropped."
  value       = "${azapi_resource.data_account.output.blob}${azurerm_storage_container.exports.name}"
}

output "RESULTS_URL" {
  description = "Where outcomes and rejected records are written."
  value       = "${azapi_resource.data_account.output.blob}${azurerm_storage_container.results.name}"
}

output "KEY_VAULT_NAME" {
  description = "The vault the secret belongs into."
  value       = local.vault_name
}

output "APP_SECRET_NAME" {
  description = "The secret's name in the vault."
  value       = var.app_secret_name
}

output "OUTBOUND_IP_ADDRESS" {
  description = "The app's address on the internet when private_networking is on; otherwise empty."
  value       = var.private_networking ? azurerm_public_ip.outbound[0].ip_address : ""
}
