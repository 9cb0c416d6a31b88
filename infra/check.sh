#!/bin/sh
# Checks both stacks with whatever is at hand: infra-check beside the checkout (no network), Bicep's compiler, Terraform
# with its real providers. Ends with 1 on any error; what could not be checked is said, and is an error where CI is set.
cd "$(dirname "$0")/.." || exit 1
failed=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

fail() {
    echo "infra: $1" >&2
    failed=1
}

not_checked() {
    echo "infra: not checked: $1" >&2
    if [ -n "${CI:-}" ]; then failed=1; fi
}

checker=${INFRA_CHECK:-../shared/tools/infra-check/infra-check}
if [ -x "$checker" ]; then
    "$checker" infra --warnings-are-errors || fail "infra-check found errors"
fi

if command -v bicep >/dev/null; then
    bicep="bicep build --stdout"
elif command -v az >/dev/null && az bicep version >/dev/null 2>&1; then
    bicep="az bicep build --stdout --file"
else
    bicep=
fi
if [ -z "$bicep" ]; then
    not_checked "Bicep, because there is neither bicep nor az bicep"
elif $bicep infra/bicep/main.bicep >"$work/main.json"; then
    echo "infra: bicep build went well"
else
    fail "bicep build found errors"
fi

if ! command -v terraform >/dev/null; then
    not_checked "Terraform, because there is no terraform"
else
    terraform fmt -check -recursive infra/terraform || fail "run terraform fmt -recursive infra/terraform"
    cp -R infra/terraform infra/queries "$work/"
    if ! (cd "$work/terraform" && terraform init -backend=false -input=false -no-color >"$work/init.log" 2>&1); then
        not_checked "Terraform, because its providers could not be downloaded: $(grep -m 1 -o "Error: .*" "$work/init.log")"
    elif (cd "$work/terraform" && terraform validate && terraform test); then
        echo "infra: terraform validate and terraform test went well"
    else
        fail "terraform found errors"
    fi
fi

exit $failed
