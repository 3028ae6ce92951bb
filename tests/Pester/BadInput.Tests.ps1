# Bad input: each has its own error id, names the value, and changes nothing.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
    $isRoot = (id -u) -eq 0
    if (-not $isRoot) {
        Write-Host 'Skipping the full disk: only root can mount a small file system to fill.'
    }
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'Bad input' -Skip:(-not $hostReady) {
    BeforeAll {
        Initialize-AgbHome
        $context = New-AgbContext good
        $other = New-AgbContext other
    }

    AfterAll {
        Clear-AgbHome
    }

    It 'is refused: <what>' -ForEach @(
        @{ what = 'a relative path'; id = 'InvalidPath'; names = 'home/data'; act = { $context | New-AgbSession -Path home/data } }
        @{ what = 'an empty path'; id = 'InvalidPath'; names = 'empty'; act = { $context | New-AgbSession -Path '' } }
        @{ what = 'a path with ..'; id = 'InvalidPath'; names = '/home/\.\./etc'; act = { $context | New-AgbSession -Path /home/../etc } }
        @{ what = 'a path with NUL'; id = 'InvalidPath'; names = 'NUL'; act = { $context | New-AgbSession -Path "/home/a`0b" } }
        @{ what = 'an over-long path'; id = 'InvalidPath'; names = '2048'; act = { $context | New-AgbSession -Path ('/home' + '/abcdefghi' * 300) } }
        @{ what = 'an over-long name in a path'; id = 'InvalidPath'; names = '255'; act = { $context | New-AgbSession -Path ('/home/' + 'a' * 256) } }
        @{ what = 'a relative path of a context sync'; id = 'InvalidPath'; names = 'data'; act = { $context | New-AgbContextSync -Path data } }
        @{ what = 'a mount at the root'; id = 'ReservedPath'; names = "'/'"; act = { $context | New-AgbSession -Path / } }
        @{ what = 'a mount at /proc'; id = 'ReservedPath'; names = '/proc'; act = { $context | New-AgbSession -Path /proc } }
        @{ what = 'a mount at /usr'; id = 'ReservedPath'; names = '/usr'; act = { $context | New-AgbSession -Path /usr/ } }
        @{ what = 'a mount below /etc'; id = 'ReservedPath'; names = '/etc/agb'; act = { $context | New-AgbSession -Path /etc/agb } }
        @{ what = 'a mount at /tmp itself'; id = 'ReservedPath'; names = '/tmp'; act = { $context | New-AgbContextSync -Path /tmp } }
        @{ what = 'the same path twice'; id = 'OverlappingPaths'; names = '/home/data'; act = { New-AgbSession -ContextSync ($context | New-AgbContextSync -Path /home/data), ($other | New-AgbContextSync -Path /home/data/) } }
        @{ what = 'one path inside another'; id = 'OverlappingPaths'; names = '/home/data/sub'; act = { New-AgbSession -ContextSync ($context | New-AgbContextSync -Path /home/data), ($other | New-AgbContextSync -Path /home/data/sub) } }
        @{ what = 'an unknown context'; id = 'ContextNotFound'; names = 'nothing'; act = { New-AgbSession nothing } }
        @{ what = 'an unknown context to get'; id = 'ContextNotFound'; names = 'nothing'; act = { Get-AgbContext nothing } }
        @{ what = 'an unknown context to remove'; id = 'ContextNotFound'; names = 'nothing'; act = { Remove-AgbContext nothing } }
        @{ what = 'an unknown session'; id = 'SessionNotFound'; names = 'session-nothing'; act = { Invoke-AgbCommand ls session-nothing } }
        @{ what = 'an unknown session to sync'; id = 'SessionNotFound'; names = 'session-nothing'; act = { Sync-AgbContext session-nothing } }
        @{ what = 'an unknown session to release'; id = 'SessionNotFound'; names = 'session-nothing'; act = { Remove-AgbSession session-nothing } }
        @{ what = 'an unknown image'; id = 'ImageNotFound'; names = 'agb-windows-95.*agb-code-space-1'; act = { New-AgbSession -ImageId agb-windows-95 } }
        @{ what = 'a name taken already'; id = 'ContextAlreadyExists'; names = 'good'; act = { New-AgbContext good } }
        @{ what = 'an empty name'; id = 'InvalidContextName'; names = 'empty'; act = { New-AgbContext ' ' } }
        @{ what = 'a name with a control character'; id = 'InvalidContextName'; names = 'control'; act = { New-AgbContext "a`nb" } }
        @{ what = 'an over-long name'; id = 'InvalidContextName'; names = '255'; act = { New-AgbContext ('a' * 256) } }
        @{ what = 'a wildcard where none is allowed'; id = 'ContextNotFound'; names = 'g\*'; act = { Remove-AgbContext g* } }
        @{ what = 'a wildcard in a white list'; id = 'InvalidPolicy'; names = 'src/\*'; act = { New-AgbSyncPolicy -WhiteList src/* } }
        @{ what = 'a lifecycle that does not exist'; id = 'InvalidPolicy'; names = 'Lifecycle_7Days'; act = { New-AgbSyncPolicy -Lifecycle Lifecycle_7Days } }
        @{ what = 'a label with an empty key'; id = 'InvalidLabel'; names = 'a value'; act = { New-AgbSession -Label @{ '' = 'a value' } } }
        @{ what = 'an over-long label'; id = 'InvalidLabel'; names = 'too long'; act = { New-AgbSession -Label @{ a = 'a' * 256 } } }
        @{ what = 'no time before idle release'; id = 'InvalidSessionOption'; names = 'idle'; act = { New-AgbSession -IdleTimeoutSeconds 0 } }
        @{ what = 'a negative lifetime'; id = 'InvalidSessionOption'; names = '-5'; act = { New-AgbSession -MaxLifetimeSeconds -5 } }
        @{ what = 'a lifetime that no clock can hold'; id = 'InvalidSessionOption'; names = '1E\+300'; act = { New-AgbSession -MaxLifetimeSeconds 1e300 } }
    ) {
        $record = Get-ErrorOf $act
        $record.FullyQualifiedErrorId | Should -BeLike "$id,*"
        "$record" | Should -Match $names
        Get-AgbSession | Should -BeNullOrEmpty
        (Get-AgbContext).Name | Should -Be good, other
    }
}

Describe 'Bad input to a session' -Skip:(-not $hostReady) {
    BeforeAll {
        Initialize-AgbHome
        $context = New-AgbContext good
        $session = $context | New-AgbSession -Path /home/data
    }

    AfterAll {
        Clear-AgbHome
    }

    It 'is refused: <what>' -ForEach @(
        @{ what = 'a command with a NUL'; id = 'InvalidCommand'; names = 'NUL'; act = { $session | Invoke-AgbCommand "echo a`0b" } }
        @{ what = 'an empty command'; id = 'InvalidCommand'; names = 'empty'; act = { $session | Invoke-AgbCommand '' } }
        @{ what = 'a command longer than the kernel takes'; id = 'InvalidCommand'; names = '131071'; act = { $session | Invoke-AgbCommand ('a' * 131072) } }
        @{ what = 'a relative working directory'; id = 'InvalidPath'; names = 'src'; act = { $session | Invoke-AgbCommand ls -WorkingDirectory src } }
        @{ what = 'a working directory that does not exist'; id = 'WorkingDirectoryNotFound'; names = '/nowhere'; act = { $session | Invoke-AgbCommand ls -WorkingDirectory /nowhere } }
        @{ what = 'an environment variable with ='; id = 'InvalidEnvironment'; names = 'A=B'; act = { $session | Invoke-AgbCommand ls -Environment @{ 'A=B' = 1 } } }
        @{ what = 'no time at all'; id = 'InvalidSessionOption'; names = ' 0 '; act = { $session | Invoke-AgbCommand ls -TimeoutSeconds 0 } }
        @{ what = 'a sync of a path that is not mounted'; id = 'SyncTargetNotFound'; names = '/home/other'; act = { $session | Sync-AgbContext -Path /home/other } }
        @{ what = 'a sync of a context that does not exist'; id = 'ContextNotFound'; names = 'nothing'; act = { $session | Sync-AgbContext -Context nothing } }
        @{ what = 'deleting a context that is mounted'; id = 'ContextInUse'; names = 'good'; act = { $context | Remove-AgbContext -Force } }
        @{ what = 'two ways to release at once'; id = 'InvalidSessionOption'; names = 'only one'; act = { $session | Remove-AgbSession -SyncContext -DiscardChanges } }
    ) {
        $record = Get-ErrorOf $act
        $record.FullyQualifiedErrorId | Should -BeLike "$id,*"
        "$record" | Should -Match $names
        ($session | Invoke-AgbCommand 'echo unharmed').Stdout | Should -Be "unharmed`n"
    }

    It 'is no file name that Linux allows' {
        $odd = New-AgbContext odd-names
        $first = $odd | New-AgbSession -Path /home/odd
        $null = $first | Invoke-AgbCommand 'cd /home/odd && echo newline > "$(printf "a\nb")" && echo bytes > "$(printf "\377\376")" && echo space > " " && echo dash > ./-n'
        ($first | Sync-AgbContext).Status | Should -Be Success
        $first | Remove-AgbSession
        $second = $odd | New-AgbSession -Path /tmp/seen -MappingPath /home/odd
        ($second | Invoke-AgbCommand 'cd /tmp/seen && cat "$(printf "a\nb")" "$(printf "\377\376")" " " ./-n').Stdout |
            Should -Be "newline`nbytes`nspace`ndash`n"
        $second | Remove-AgbSession
    }

    It 'is a context that is gone while its object is still at hand' {
        $gone = New-AgbContext gone
        $gone | Remove-AgbContext -Force
        Get-ErrorIdOf { $gone | New-AgbSession -Path /home/data } | Should -Be ContextNotFound
    }
}

Describe 'A store whose files were damaged' -Tag Embedded {
    BeforeEach {
        Initialize-AgbHome
        $null = New-AgbContext before
        # A process of its own: this one has the catalog open.
        $look = "Import-Module '$Root/Agb.psd1'; try { Get-AgbContext -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId; `"`$_`" }"
    }

    AfterEach {
        Remove-Tree $env:AGB_HOME
        Remove-Item env:AGB_HOME
    }

    It 'is told of, and named: <what>' -ForEach @(
        @{ what = 'a catalog that is no database'; id = 'StoreCorrupt'; names = 'catalog.db'; damage = { Remove-Item $env:AGB_HOME/catalog.db-*; Set-Content $env:AGB_HOME/catalog.db ('damaged' * 1000) } }
        @{ what = 'a format that means nothing'; id = 'StoreCorrupt'; names = 'format'; damage = { Set-Content $env:AGB_HOME/format 'damaged' } }
        @{ what = 'a format of a newer version'; id = 'StoreFormatTooNew'; names = '99'; damage = { Set-Content $env:AGB_HOME/format 'agb-store 99' } }
        @{ what = 'a format file that is gone'; id = 'StoreCorrupt'; names = 'format'; damage = { Remove-Item $env:AGB_HOME/format } }
    ) {
        & $damage
        $said = & $Pwsh @PwshLeading -NoProfile -Command $look
        $said[0] | Should -BeLike "$id,*"
        $said[1] | Should -Match $names
    }
}

Describe 'A context whose files were damaged' -Tag Embedded -Skip:(-not $hostReady) {
    It 'is told of before a session sees it' {
        Initialize-AgbHome
        try {
            $context = New-AgbContext damaged
            $session = $context | New-AgbSession -Path /home/data
            $null = $session | Invoke-AgbCommand 'echo 1 > /home/data/file'
            $session | Remove-AgbSession
            rm -rf -- (Get-Item $env:AGB_HOME/layers/*/tree)
            $record = Get-ErrorOf { $context | New-AgbSession }
            $record.FullyQualifiedErrorId | Should -BeLike 'StoreCorrupt,*'
            "$record" | Should -Match 'layers'
        }
        finally {
            Clear-AgbHome
        }
    }
}

Describe 'A full disk' -Tag Embedded -Skip:(-not ($hostReady -and $isRoot)) {
    It 'is told of, keeps what was there, and harms nothing once there is room' {
        $env:AGB_HOME = (New-Item -ItemType Directory "$TestDrive/small").FullName
        mount -t tmpfs -o size=24m agb-test $env:AGB_HOME
        if ($LASTEXITCODE -ne 0) {
            Remove-Item env:AGB_HOME
            Set-ItResult -Skipped -Because 'this machine does not let root mount a tmpfs'
            return
        }
        try {
            $context = New-AgbContext small
            $session = $context | New-AgbSession -Path /home/data
            $null = $session | Invoke-AgbCommand 'echo safe > /home/data/safe'
            ($session | Sync-AgbContext).Status | Should -Be Success
            $full = $session | Invoke-AgbCommand 'dd if=/dev/zero of=/home/data/big bs=1M count=64'
            $full.Success | Should -BeFalse
            $full.Stderr | Should -Match 'No space left'
            Get-ErrorIdOf { $session | Sync-AgbContext } | Should -Be NoSpace
            Get-ErrorIdOf { New-AgbContext another } | Should -Be NoSpace
            Get-ErrorIdOf { New-AgbSession } | Should -Be NoSpace
            $null = $session | Invoke-AgbCommand 'rm /home/data/big'
            ($session | Sync-AgbContext).Status | Should -Be Success
            $session | Remove-AgbSession
            ($context | New-AgbSession | Invoke-AgbCommand 'cat /home/data/safe').Stdout | Should -Be "safe`n"
            Get-AgbSession | Remove-AgbSession -DiscardChanges
        }
        finally {
            umount -l $env:AGB_HOME
            Remove-Item env:AGB_HOME
        }
    }
}
