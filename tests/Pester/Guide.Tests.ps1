# The guide's workflows on real sandboxes: data that one session type stored under one path, seen and changed by another
# session type under another path.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1

    # What is under a path of a session: names and contents, in the order of the names.
    function Get-Tree($Session, [string] $Path) {
        ($Session | Invoke-AgbCommand "cd '$Path' && find . -type f | LC_ALL=C sort | while read -r f; do echo `"`$f: `$(cat `"`$f`")`"; done").Stdout.Trim() -split "`n" |
            Where-Object { $_ }
    }
}

Describe 'Data across session types' -Skip:(-not $hostReady) {
    BeforeEach {
        Initialize-AgbHome
    }

    AfterEach {
        Clear-AgbHome
    }

    It 'does the main job' {
        $ctx = New-AgbContext cross-platform-demo
        $s1 = $ctx | New-AgbSession -ImageId agb-browser-use-1 -Path /tmp/mapping
        $s1 | Invoke-AgbCommand 'echo "made in the first session" > /tmp/mapping/test-file.txt'
        $s1 | Sync-AgbContext
        $s1 | Remove-AgbSession
        $policy = New-AgbSyncPolicy -MappingPath /tmp/mapping
        $result = Get-AgbContext cross-platform-demo |
            New-AgbSession -ImageId agb-code-space-1 -Path /home/data -SyncPolicy $policy |
            Invoke-AgbCommand 'cat /home/data/test-file.txt'
        $result.Success | Should -BeTrue
        $result.Output | Should -Be "made in the first session`n"
    }

    It 'does the guide''s complete workflow' {
        $context = New-AgbContext "cross-platform-demo-$([guid]::NewGuid())" -GetExisting
        $browserPath, $codePath, $file = '/tmp/mapping', '/home/data', 'cross-platform-test.txt'
        $content = 'Data created in browser session, accessed in code session'

        $browser = $context | New-AgbSession -ImageId agb-browser-use-1 -Path $browserPath -SyncPolicy (New-AgbSyncPolicy) -Label @{ type = 'data-creation' }
        ($browser | Invoke-AgbCommand "mkdir -p `"$browserPath`"").Success | Should -BeTrue
        ($browser | Invoke-AgbCommand "echo `"$content`" > `"$browserPath/$file`"").Success | Should -BeTrue
        ($browser | Invoke-AgbCommand "cat `"$browserPath/$file`"").Output | Should -Be "$content`n"
        $sync = $browser | Sync-AgbContext
        $sync.Status | Should -Be Success
        $browser | Remove-AgbSession

        $code = $context | New-AgbSession -ImageId agb-code-space-1 -Path $codePath -Label @{ type = 'data-access' } -SyncPolicy (
            New-AgbSyncPolicy -MappingPath $browserPath)
        ($code | Invoke-AgbCommand "test -f `"$codePath/$file`" && echo EXISTS || echo NOT_FOUND").Output | Should -Be "EXISTS`n"
        ($code | Invoke-AgbCommand "cat `"$codePath/$file`"").Output | Should -Be "$content`n"
        $code | Remove-AgbSession
        $context | Remove-AgbContext -Force
        Get-AgbContext | Should -BeNullOrEmpty
        Get-AgbSession | Should -BeNullOrEmpty
    }

    It 'brings code session data to a browser session' {
        $context = New-AgbContext code-to-browser
        $code = $context | New-AgbSession -ImageId agb-code-space-1 -Path /home/project
        $null = $code | Invoke-AgbCommand 'mkdir -p src && cd /home/project && mkdir -p src && echo "print(1)" > src/main.py && echo top > README'
        $code | Remove-AgbSession
        $browser = $context | New-AgbSession -ImageId agb-browser-use-1 -Path /tmp/workspace -MappingPath /home/project
        Get-Tree $browser /tmp/workspace | Should -Be './README: top', './src/main.py: print(1)'
        ($browser | Invoke-AgbCommand 'echo $AGB_IMAGE_ID').Stdout | Should -Be "agb-browser-use-1`n"
    }

    It 'shows nothing of another path without a mapping' {
        $context = New-AgbContext unmapped
        $first = $context | New-AgbSession -Path /tmp/mapping
        $null = $first | Invoke-AgbCommand 'echo here > /tmp/mapping/file'
        $first | Remove-AgbSession
        $second = $context | New-AgbSession -Path /home/data
        ($second | Invoke-AgbCommand 'ls -A /home/data').Stdout | Should -BeNullOrEmpty
        ($second | Invoke-AgbCommand 'test -e /tmp/mapping').Success | Should -BeFalse
    }

    It 'keeps what a mapped session edits, adds and deletes under the path of origin' {
        $context = New-AgbContext write-back
        $first = $context | New-AgbSession -ImageId agb-browser-use-1 -Path /tmp/mapping
        $null = $first | Invoke-AgbCommand 'cd /tmp/mapping && mkdir sub gone && echo 1 > keep && echo 1 > edit && echo 1 > drop && echo 1 > sub/deep && echo 1 > gone/inner'
        $first | Remove-AgbSession

        $mapped = $context | New-AgbSession -Path /home/data -MappingPath /tmp/mapping
        $null = $mapped | Invoke-AgbCommand 'cd /home/data && echo 2 > edit && echo 2 > sub/new && rm drop && rm -r gone'
        $mapped | Sync-AgbContext | ForEach-Object Status | Should -Be Success
        $mapped | Remove-AgbSession

        $again = $context | New-AgbSession -ImageId agb-browser-use-1 -Path /tmp/mapping
        Get-Tree $again /tmp/mapping | Should -Be './edit: 2', './keep: 1', './sub/deep: 1', './sub/new: 2'
        ($again | Invoke-AgbCommand 'test -e /tmp/mapping/gone').Success | Should -BeFalse
        # Nothing was stored under the path at which it was merely shown.
        $target = $context | New-AgbSession -Path /home/data
        Get-Tree $target /home/data | Should -BeNullOrEmpty
    }

    It 'shows a part of what was stored when the mapping names a directory below' {
        $context = New-AgbContext subtree
        $first = $context | New-AgbSession -Path /home/project
        $null = $first | Invoke-AgbCommand 'mkdir -p /home/project/src && echo in > /home/project/src/a && echo out > /home/project/b'
        $first | Remove-AgbSession
        $second = $context | New-AgbSession -Path /tmp/src -MappingPath /home/project/src
        Get-Tree $second /tmp/src | Should -Be './a: in'
    }

    It 'merges two sessions of one context per file, the later upload winning' {
        $context = New-AgbContext together
        $one, $two = $context, $context | New-AgbSession -Path /home/data
        $null = $one | Invoke-AgbCommand 'cd /home/data && echo one > only-one && echo one > both'
        $null = $two | Invoke-AgbCommand 'cd /home/data && echo two > only-two && echo two > both'
        $null = $one | Sync-AgbContext
        $null = $two | Sync-AgbContext
        $one, $two | Remove-AgbSession
        $third = $context | New-AgbSession
        Get-Tree $third /home/data | Should -Be './both: two', './only-one: one', './only-two: two'
    }

    It 'brings what another session uploaded when a session asks for it' {
        $context = New-AgbContext download
        $writer, $reader = $context, $context | New-AgbSession -Path /home/data
        $null = $writer | Invoke-AgbCommand 'echo new > /home/data/file'
        $null = $writer | Sync-AgbContext
        ($reader | Sync-AgbContext -Mode Download).Status | Should -Be Success
        Get-Tree $reader /home/data | Should -Be './file: new'
    }

    It 'keeps what a session deleted when the policy says so' {
        $context = New-AgbContext no-delete
        $first = $context | New-AgbSession -Path /home/data
        $null = $first | Invoke-AgbCommand 'echo 1 > /home/data/file'
        $first | Remove-AgbSession
        $second = $context | New-AgbSession -SyncPolicy (New-AgbSyncPolicy -SyncLocalFile $false)
        $null = $second | Invoke-AgbCommand 'rm /home/data/file && echo 2 > /home/data/other'
        $second | Remove-AgbSession
        Get-Tree ($context | New-AgbSession) /home/data | Should -Be './file: 1', './other: 2'
    }

    It 'uploads on release what the policy and the caller say' {
        $context = New-AgbContext release
        $manual = New-AgbSyncPolicy -AutoUpload $false
        $write = { param($policy, $name) $s = $context | New-AgbSession -Path /home/data -SyncPolicy $policy; $null = $s | Invoke-AgbCommand "echo 1 > /home/data/$name"; $s }
        & $write (New-AgbSyncPolicy) automatic | Remove-AgbSession
        & $write $manual lost | Remove-AgbSession
        & $write $manual asked | Remove-AgbSession -SyncContext
        & $write (New-AgbSyncPolicy) discarded | Remove-AgbSession -DiscardChanges
        Get-Tree ($context | New-AgbSession) /home/data | Should -Be './asked: 1', './automatic: 1'
    }

    It 'mounts several contexts in one session, each with its own mapping' {
        $a, $b = 'a', 'b' | New-AgbContext
        foreach ($context in $a, $b) {
            $session = $context | New-AgbSession -Path /tmp/mapping
            $null = $session | Invoke-AgbCommand "echo $($context.Name) > /tmp/mapping/file"
            $session | Remove-AgbSession
        }
        $both = New-AgbSession -ContextSync @(
            $a | New-AgbContextSync -Path /home/first -MappingPath /tmp/mapping
            $b | New-AgbContextSync -Path /home/second -MappingPath /tmp/mapping
        )
        Get-Tree $both /home | Should -Be './first/file: a', './second/file: b'
        # Lists of an object are arrays, which PowerShell can index.
        $both.ContextSyncs[1].Path | Should -Be /home/second
    }
}

Describe 'The guide''s troubleshooting' -Skip:(-not $hostReady) {
    BeforeAll {
        Initialize-AgbHome
        $context = New-AgbContext trouble
        $session = $context | New-AgbSession -Path /home/data
        $null = $session | Invoke-AgbCommand 'cd /home/data && echo 12345 > a && mkdir -m 750 private && echo 1 > private/b && chmod 640 private/b'
    }

    AfterAll {
        Clear-AgbHome
    }

    It 'verifies that a sync is complete' {
        $status = $session | Sync-AgbContext
        $status.Status | Should -Be Success
        $status.ContextId | Should -Be $context.Id
        $status.Path | Should -Be /home/data
        $status.Files | Should -BeGreaterOrEqual 2
        $status.Bytes | Should -Be 8
        $status.FinishTime | Should -BeGreaterOrEqual $status.StartTime
        $status.ErrorMessage | Should -BeNullOrEmpty
    }

    It 'asks for the status' {
        $tasks = $session | Get-AgbSyncStatus
        ($tasks | Where-Object TaskType -EQ Upload).Status | Should -Be Success
        ($session | Get-AgbSyncStatus -Context trouble -TaskType Upload).ContextId | Should -Be $context.Id
    }

    It 'waits for a sync that it did not wait for' {
        $null = $session | Invoke-AgbCommand 'echo more > /home/data/c'
        $started = $session | Sync-AgbContext -NoWait
        $started | Should -HaveCount 1
        ($started | Wait-AgbSync).Status | Should -Be Success
    }

    It 'checks permissions with ls -ld' {
        $session | Remove-AgbSession
        $mapped = $context | New-AgbSession -Path /tmp/target -MappingPath /home/data
        ($mapped | Invoke-AgbCommand 'ls -ld "/tmp/target"').Output | Should -Match '^drwx'
        ($mapped | Invoke-AgbCommand 'ls -ld /tmp/target/private').Output | Should -Match '^drwxr-x---'
        ($mapped | Invoke-AgbCommand 'ls -l /tmp/target/private/b').Output | Should -Match '^-rw-r-----'
        ($mapped | Invoke-AgbCommand 'echo writable > /tmp/target/new && cat /tmp/target/private/b').Output | Should -Be "1`n"
    }

    It 'still tells of the syncs of a session that is gone' {
        ($session | Get-AgbSyncStatus -TaskType Upload).Status | Should -Be Success
    }
}
