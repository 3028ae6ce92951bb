# Contexts that come and go in running sessions, on real sandboxes.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'Mount-, Switch- and Dismount-AgbContext' -Skip:(-not $hostReady) {
    BeforeAll {
        Initialize-AgbHome
    }

    BeforeEach {
        $name = "web-$([guid]::NewGuid().ToString('n'))"
        $context = New-AgbContext $name
        $session = New-AgbSession
        function Sh([string] $command) { ($session | Invoke-AgbCommand $command).Output.TrimEnd("`n") }
    }

    AfterEach {
        $session | Remove-AgbSession
    }

    AfterAll {
        Clear-AgbHome
    }

    It 'mounts a context, stores its changes when it goes, and mounts it again' {
        $mount = Mount-AgbContext $session $name -Path /data
        $mount.Path | Should -Be /data
        $mount.ContextId | Should -Be $context.Id
        Sh 'echo one > /data/file; cat /data/file' | Should -Be one
        ($session | Get-AgbSession).ContextSyncs.Path | Should -Be /data
        $null = $session | Dismount-AgbContext -Path /data
        Sh 'ls -A /data' | Should -BeNullOrEmpty
        $session | Get-AgbMount | Should -BeNullOrEmpty
        $null = $session | Mount-AgbContext $context -Path /data
        Sh 'cat /data/file' | Should -Be one
    }

    It 'shows an older version, and the newest one after a switch' {
        foreach ($text in 'one', 'two') {
            $null = $session | Mount-AgbContext $name -Path /data
            Sh "echo $text > /data/file" | Should -BeNullOrEmpty
            $null = $session | Dismount-AgbContext
        }
        $null = $session | Mount-AgbContext $name -Path /data -Version 1 -ReadOnly
        Sh 'cat /data/file' | Should -Be one
        Sh 'echo three > /data/file' | Should -BeLike '*Read-only file system*'
        ($session | Switch-AgbContext -Version latest).Version | Should -Be 2
        Sh 'cat /data/file' | Should -Be two
    }

    It 'mounts a part of a context' {
        $null = $session | Mount-AgbContext $name -Path /srv/all
        Sh 'mkdir -p /srv/all/datasets/train; echo x > /srv/all/datasets/train/a' | Should -BeNullOrEmpty
        $null = $session | Dismount-AgbContext
        ($session | Mount-AgbContext $name -Path /data -SubPath datasets/train).OriginPath | Should -Be /srv/all/datasets/train
        Sh 'ls /data' | Should -Be a
    }

    It 'lists with -WhatIf what would be uploaded' {
        $null = $session | Mount-AgbContext $name -Path /data
        Sh 'touch /data/new' | Should -BeNullOrEmpty
        ($session | Dismount-AgbContext -Path /data -WhatIf).Path | Should -Contain /data/new
        ($session | Get-AgbMount).Path | Should -Be /data
    }

    It 'names the program that writes to a mount' {
        $null = $session | Mount-AgbContext $name -Path /data
        Sh '(exec 3> /data/log; touch /tmp/ready; until [ -e /tmp/go ]; do sleep 0.05; done) > /dev/null 2>&1 & until [ -e /tmp/ready ]; do sleep 0.05; done' | Should -BeNullOrEmpty
        { $session | Dismount-AgbContext -Path /data -ErrorAction Stop } | Should -Throw -ErrorId 'MountInUse*' -ExpectedMessage '*process*'
        $null = $session | Dismount-AgbContext -Path /data -Force
        Sh 'touch /tmp/go; ls -A /data' | Should -BeNullOrEmpty
    }
}
