# Dot-sourced at discovery: sets $hostReady, which says whether this machine can run sessions at all. Tests that need
# sessions are skipped where it can't, and the run says why.
. $PSScriptRoot/Support.ps1
$probeHome = [IO.Directory]::CreateTempSubdirectory('agb-probe-').FullName
try {
    $missing = @(Test-AgbHost -HomeDirectory $probeHome | Where-Object Status -EQ Missing)
}
finally {
    Remove-Tree $probeHome
}
$hostReady = $missing.Count -eq 0
foreach ($check in $missing) {
    Write-Host "Skipping what needs sessions: $($check.Name): $($check.Detail). $($check.Remedy)"
}
