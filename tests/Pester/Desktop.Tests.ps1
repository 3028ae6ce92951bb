# Desktops of sessions: windows, apps, keys, mouse and pictures, as a person uses them.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
    $missing = $hostReady ? (Get-MissingProgram agb-computer-use-ubuntu-2204) : 'this host has no sessions'
    if ($missing) {
        Write-Host "Skipping desktops: $missing"
    }
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'A desktop of a session' -Skip:([bool] $missing) {
    BeforeAll {
        Initialize-AgbHome
        $session = New-AgbSession -ImageId agb-computer-use-ubuntu-2204
        $apps = $session | Get-AgbApp
    }

    AfterAll {
        Clear-AgbHome
    }

    It 'has apps, one of them the browser' {
        $apps.Count | Should -BeGreaterOrEqual 4
        $apps.Name | Should -Contain 'Google Chrome'
        Get-ErrorIdOf { $session | Get-AgbApp Solitaire } | Should -Be AppNotFound
    }

    It 'starts an app, types in it, and sees what was typed' {
        $process = $session | Start-AgbApp -StartCommand 'xterm -title Writing -e sh -c "cat > /tmp/typed"'
        $process.Name | Should -Be xterm
        ($session | Get-AgbApp -Running).ProcessId | Should -Contain $process.ProcessId
        $window = Get-AgbWindow $session -Title Writing
        $window | Should -HaveCount 1
        $window | Set-AgbWindow Activate
        (Get-AgbWindow $session -Active).WindowId | Should -Be $window.WindowId
        $session | Send-AgbKey 'Hello, World 42!'
        $session | Send-AgbKey -Key Enter
        Wait-Until { ($session | Invoke-AgbCommand 'cat /tmp/typed').Output -eq "Hello, World 42!`n" } 'the text arrives'
        $session | Send-AgbKey -Key Ctrl, d
        Wait-Until { -not (Get-AgbWindow $session -Title Writing) } 'the app ends'
    }

    It 'resizes, moves, hides, shows and closes a window' {
        $null = $session | Start-AgbApp -StartCommand 'xterm -title Moving'
        $window = Get-AgbWindow $session -Title Moving
        ($window | Set-AgbWindow Maximize -PassThru).State | Should -Be Maximized
        ($window | Set-AgbWindow Restore -PassThru).State | Should -Be Normal
        ($window | Set-AgbWindow Minimize -PassThru).State | Should -Be Minimized
        $window | Set-AgbWindow Activate
        $changed = $window | Set-AgbWindow -Width 500 -Height 300 -PassThru
        [Math]::Abs($changed.Width - 500) | Should -BeLessThan 20 -Because 'a terminal has whole letters'
        $window | Set-AgbWindow Close
        Get-AgbWindow $session -Title Moving | Should -BeNullOrEmpty
        Get-ErrorIdOf { $window | Set-AgbWindow Activate } | Should -Be WindowNotFound
    }

    It 'moves a window' {
        $null = $session | Start-AgbApp -StartCommand 'xterm -title Placed'
        $before = Get-AgbWindow $session -Title Placed
        $after = $before | Set-AgbWindow -X 300 -Y 200 -PassThru
        $after.X | Should -BeGreaterOrEqual 300
        $after.X | Should -BeLessThan 320
        $after | Set-AgbWindow Close
    }

    It 'moves the mouse, clicks, drags and scrolls' {
        $session | Send-AgbMouse -X 400 -Y 300
        $session | Send-AgbMouse Left
        $session | Send-AgbMouse Double -X 10 -Y 10
        $session | Send-AgbMouse -X 100 -Y 100 -DragToX 500 -DragToY 400
        $session | Send-AgbMouse -Scroll Down -Steps 3
        Get-ErrorIdOf { $session | Send-AgbMouse Left -X 99999 -Y 5 } | Should -Be InvalidDesktopAction
        Get-ErrorIdOf { $session | Send-AgbKey -Key NoSuchKey } | Should -Be InvalidDesktopAction
    }

    It 'starts the browser of its list, and takes a picture of the screen' {
        $process = $session | Get-AgbApp 'Google Chrome' | Start-AgbApp
        $process | Should -Not -BeNullOrEmpty
        Get-AgbWindow $session | Where-Object Title -Like '*Chrom*' | Should -Not -BeNullOrEmpty
        Get-AgbWindow $session | Where-Object Title -Like '*Chrom*' | Set-AgbWindow -Action Maximize
        $file = $session | Save-AgbScreenshot $TestDrive/screen.png
        $file.Length | Should -BeGreaterThan 5000
        [IO.File]::ReadAllBytes($file.FullName)[1..3] | Should -Be ([byte[]] 'PNG'.ToCharArray())
        $null = $session | Save-AgbScreenshot $TestDrive/screen.jpg
        [IO.File]::ReadAllBytes("$TestDrive/screen.jpg")[0..1] | Should -Be 0xFF, 0xD8
    }

    It 'ends apps by process and by name' {
        $process = $session | Start-AgbApp -StartCommand 'xterm -title Ending'
        $process | Stop-AgbApp
        Wait-Until { ($session | Get-AgbApp -Running).ProcessId -notcontains $process.ProcessId } 'the process is gone'
        Get-ErrorIdOf { $process | Stop-AgbApp } | Should -Be AppNotFound
        $null = $session | Start-AgbApp -StartCommand 'xterm -title Ending'
        Stop-AgbApp xterm $session
        Wait-Until { ($session | Get-AgbApp -Running).Name -notcontains 'xterm' } 'the apps are gone'
    }

    It 'is not there in a session of a code image' {
        $code = New-AgbSession
        Get-ErrorIdOf { Get-AgbWindow $code } | Should -Be NotSupported
    }
}

Describe 'The README''s lines on desktops' -Skip:([bool] $missing) {
    BeforeAll {
        Initialize-AgbHome
    }

    AfterAll {
        Clear-AgbHome
    }

    It 'run, and make the picture that the page shows' {
        $page = Get-Content "$Root/README.md" -Raw
        $lines = [regex]::Match($page, '(?ms)^```powershell\r?\n(?<code>\$s = New-AgbSession -ImageId agb-computer-use-1\n.*?)^```').Groups['code'].Value
        Push-Location $TestDrive
        try {
            $said = & ([scriptblock]::Create($lines))
        }
        finally {
            Pop-Location
        }
        $said | Where-Object { $_ -is [string] -and $_ -like 'Mozilla/5.0 * Chrome/*' } | Should -HaveCount 1
        $said | Where-Object { $_ -is [string] -and $_ -like 'ws://*' } | Should -HaveCount 1
        Get-AgbSession | Should -BeNullOrEmpty
        # The size of both; to renew the page's picture, copy this one.
        $size = { param($file) [Convert]::ToHexString([IO.File]::ReadAllBytes($file)[16..23]) }
        & $size "$TestDrive/desktop.png" | Should -Be (& $size "$Root/docs/desktop.png")
    }
}
