"""What is deployed, and how it is packed: Bicep, Terraform, alerts, workbook."""
