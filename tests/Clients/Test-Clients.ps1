<#
.SYNOPSIS
    Connects other people's CDP clients through a server's link to the browser of a session: Playwright for Node.js and .NET, and Puppeteer.
.DESCRIPTION
    Installs the clients into a temporary folder, which it removes at its end. Needs node, npm and the .NET SDK.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$root = [IO.Path]::GetFullPath("$PSScriptRoot/../..")
Import-Module "$root/Agb.psd1"
$work = Join-Path ([IO.Path]::GetTempPath()) "agb-clients-$([guid]::NewGuid().ToString('n'))"
$null = New-Item $work -ItemType Directory
$server = $null
try {
    Copy-Item "$PSScriptRoot/*" $work -Recurse
    $server = Start-AgbServer http://127.0.0.1:0 -DataDirectory "$work/server"
    $session = New-AgbSession -Connection ($server | Connect-Agb) -ImageId agb-browser-use-1
    $link = ($session | Start-AgbBrowser).Endpoint
    Push-Location $work
    try {
        npm install --silent --no-save playwright-core@1.64.1 puppeteer-core@25.16.0 | Out-Host
        node clients.mjs $link
        if ($LASTEXITCODE -ne 0) { throw 'A client of Node.js failed.' }
        dotnet run --project dotnet -- $link
        if ($LASTEXITCODE -ne 0) { throw 'Playwright for .NET failed.' }
        # The link survives a restart of the browser.
        $session | Stop-AgbBrowser
        $null = $session | Start-AgbBrowser
        node clients.mjs $link
        if ($LASTEXITCODE -ne 0) { throw 'The old link failed after a restart of the browser.' }
    }
    finally {
        Pop-Location
    }
    $session | Remove-AgbSession -Discard
}
finally {
    if ($server) { $server | Stop-AgbServer }
    Remove-Item $work -Recurse -Force
}
