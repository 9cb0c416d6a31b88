#!/bin/sh
# Checks both stacks with whatever is at hand, and says what was not checked (an error where CI is set):
#   Bicep's compiler ($BICEP, bicep on the PATH, or az's): no error, no warning, its format, the snapshots;
#   Terraform, with its real providers or with infra-check's stand-ins: format, validate, test, the kept plans;
#   infra-check ($INFRA_CHECK, or beside the checkout) and checkov ($CHECKOV, or on the PATH).
# With --write, format, snapshots and plans are written instead of compared: see what changed with git diff.
cd "$(dirname "$0")/.." || exit 1
failed=0
write=${1:-}
python=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python3)}
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

# --- Bicep -------------------------------------------------------------------------------------------------------------

# No output is the only good output: warnings leave the compiler's exit code at 0.
quiet() {
    "$@" >"$work/said" 2>&1 && [ ! -s "$work/said" ] || {
        cut -c 1-500 "$work/said" >&2
        fail "the Bicep compiler has something to say about this: $*"
    }
}

# As the compiler formats them: a copy, or with --write the files themselves.
formatted() {
    if [ -n "$write" ]; then
        "$bicep" format --pattern 'infra/bicep/**/*.bicep*' || fail "bicep format"
        return
    fi
    cp -R infra/bicep "$work/bicep"
    (cd "$work" && "$bicep" format --pattern 'bicep/**/*.bicep*') || fail "bicep format"
    diff -r infra/bicep "$work/bicep" || fail "not as the compiler formats it; sh infra/check.sh --write does"
}

snapshot() {
    group=
    grep -q "resource-group.bicep'" "$1" && group="--resource-group rg-theirs"
    # shellcheck disable=SC2086 # two words
    "$bicep" snapshot "$1" --mode "$([ -n "$write" ] && echo overwrite || echo validate)" --location westeurope $group \
        --subscription-id 00000000-0000-0000-0000-000000000001 --tenant-id 00000000-0000-0000-0000-000000000002 \
        || fail "$1 comes to something else than its snapshot; see with: sh infra/check.sh --write && git diff"
}

bicep_checked() {
    bicep=${BICEP:-$(command -v bicep || true)}
    if [ -z "$bicep" ] && command -v az >/dev/null && az bicep version >/dev/null 2>&1; then
        bicep=${AZURE_CONFIG_DIR:-$HOME/.azure}/bin/bicep
    fi
    if [ ! -x "$bicep" ]; then
        not_checked "Bicep, because there is neither \$BICEP nor bicep nor az bicep"
    else
        echo "infra: $("$bicep" --version)"
        formatted
        for entry in main resource-group; do
            quiet "$bicep" lint "infra/bicep/$entry.bicep"
            quiet env AZURE_ENV_NAME=badging AZURE_LOCATION=westeurope CONNECTOR_TENANT_ID=00000000-0000-0000-0000-000000000003 \
                CONNECTOR_APP_ID=00000000-0000-0000-0000-000000000004 CONNECTOR_JOB_ID=00000000-0000-0000-0000-000000000005 \
                "$bicep" build-params "infra/bicep/$entry.bicepparam" --outfile "$work/$entry.parameters.json"
        done
        for file in infra/bicep/snapshots/*.bicepparam; do
            snapshot "$file"
        done
    fi
    exit $failed
}

# Beside Terraform, which takes as long; where files are written, before it.
(bicep_checked) &
beside=$!
if [ -n "$write" ]; then
    wait "$beside" || failed=1
    beside=
fi

# --- Terraform and infra-check -----------------------------------------------------------------------------------------

# Stands before terraform on the PATH and keeps what the tests plan, however they are started.
plans_of() {
    real=$(command -v terraform)
    mkdir -p "$work/bin"
    cat >"$work/bin/terraform" <<END
#!/bin/sh
[ "\$1" = test ] || exec "$real" "\$@"
shift
"$real" test -verbose "\$@" >"$work/tests.jsonl"
code=\$?
cat "$work/tests.jsonl"
exit \$code
END
    chmod +x "$work/bin/terraform"
}

checker=${INFRA_CHECK:-../shared/tools/infra-check/infra-check}
if ! command -v terraform >/dev/null; then
    not_checked "Terraform, because there is no terraform"
    if [ -x "$checker" ]; then
        "$checker" infra --only bicep --warnings-are-errors || fail "infra-check found errors in infra/bicep"
    fi
else
    plans_of
    if [ -n "$write" ]; then terraform fmt -recursive infra/terraform; fi
    terraform fmt -check -recursive infra/terraform || fail "run terraform fmt -recursive infra/terraform"
    cp -R infra/terraform infra/queries "$work/"
    if (cd "$work/terraform" && TF_REGISTRY_DISCOVERY_RETRY=0 TF_REGISTRY_CLIENT_TIMEOUT=20 \
        terraform init -backend=false -input=false -no-color >"$work/init.log" 2>&1); then
        (cd "$work/terraform" && terraform validate) || fail "terraform validate found errors"
        (cd "$work/terraform" && "$work/bin/terraform" test -json >"$work/log.jsonl") || {
            "$python" -c 'import json, sys; [print(one["@message"]) for one in map(json.loads, open(sys.argv[1])) if one["@level"] == "error"]' \
                "$work/log.jsonl" >&2
            fail "terraform test found errors"
        }
    elif [ ! -x "$checker" ]; then
        not_checked "Terraform, because its providers could not be downloaded: $(grep -m 1 -o "Error: .*" "$work/init.log")"
    fi
    if [ -x "$checker" ]; then
        PATH="$work/bin:$PATH" "$checker" infra --warnings-are-errors || fail "infra-check found errors"
    fi
    if [ -s "$work/tests.jsonl" ]; then
        # shellcheck disable=SC2086 # nothing or one word
        "$python" -m infra.plans "$work/tests.jsonl" $write || fail "Terraform comes to something else than its kept plans"
    fi
fi

# --- checkov -----------------------------------------------------------------------------------------------------------

checkov=${CHECKOV:-$(command -v checkov || true)}
if [ -x "$checkov" ]; then
    "$python" -m infra.checkov "$checkov" || fail "checkov does not find what infra/policies.toml names"
else
    echo "infra: not checked: policies, because there is no checkov (pip install checkov, in an environment of its own)" >&2
fi

if [ -n "$beside" ]; then wait "$beside" || failed=1; fi

exit $failed
