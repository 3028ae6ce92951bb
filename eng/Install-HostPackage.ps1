<#
.SYNOPSIS
    Installs the programs that sessions and the tests need and this host lacks, where that is allowed; else says what to run.
.DESCRIPTION
    Debian and its like, with apt-get, as root. A program that stays absent is no error here: who needs it says so.
#>
[CmdletBinding()]
param(
    # The tests' programs too; without it only those of sessions and of a build.
    [switch] $ForTests,

    # The compiler for the other processor too: packages are for both.
    [switch] $ForPackages
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/Programs.psm1"

# The program, or file beside the programs, that shows that a package is there.
$packages = [ordered]@{ bwrap = 'bubblewrap'; unshare = 'util-linux'; nsenter = 'util-linux'; cc = 'gcc'; '../include/stdio.h' = 'libc6-dev' }
if ($ForPackages) {
    $packages += (uname -m) -eq 'aarch64' ?
        [ordered]@{ 'x86_64-linux-gnu-gcc' = 'gcc-x86-64-linux-gnu'; '../x86_64-linux-gnu/include/stdio.h' = 'libc6-dev-amd64-cross' } :
        [ordered]@{ 'aarch64-linux-gnu-gcc' = 'gcc-aarch64-linux-gnu'; '../aarch64-linux-gnu/include/stdio.h' = 'libc6-dev-arm64-cross' }
}
if ($ForTests) {
    $packages += [ordered]@{
        setfattr    = 'attr'
        rsync       = 'rsync'
        python3     = 'python3'
        unzip       = 'unzip'
        tmux        = 'tmux'
        'mkfs.ext4' = 'e2fsprogs'
        'mkfs.xfs'  = 'xfsprogs'
        pasta       = 'passt'
        ip          = 'iproute2'
        chromium    = 'chromium'
        Xvfb        = 'xvfb'
        openbox     = 'openbox'
        xdotool     = 'xdotool'
        wmctrl      = 'wmctrl'
        xprop       = 'x11-utils'
        import      = 'imagemagick'
        x11vnc      = 'x11vnc'
        xterm       = 'xterm'
        mousepad    = 'mousepad'
        pcmanfm     = 'pcmanfm'
        novnc       = 'novnc'
    }
}

function Test-Program([string] $Name) {
    # Sessions see the system's directories alone, whatever is on PATH.
    @('/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/share').Where({ Test-Path "$_/$Name" }).Count -gt 0
}

$missing = @($packages.Keys | Where-Object { -not (Test-Program $_) } | ForEach-Object { $packages[$_] } | Sort-Object -Unique)
if (-not $missing) {
    return
}
$remedy = "apt-get update && apt-get install $($missing -join ' ')"
if ((id -u) -ne '0' -or -not (Get-Command apt-get -ErrorAction Ignore)) {
    Write-Host "Missing here: $($missing -join ', '). As root, on Debian: $remedy. What needs them says so."
    return
}
try {
    Invoke-Program 'Updating the package lists' 'apt-get', 'update', '-q'
}
catch {
    Write-Host "The package lists can't be updated; trying with the present ones."
}
try {
    $install = @('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-q', '-y', '--no-install-recommends') + $missing
    Invoke-Program "Installing $($missing -join ', ')" $install
}
catch {
    Write-Host "Not installed: $($missing -join ', '). Run: $remedy. What needs them says so."
}
