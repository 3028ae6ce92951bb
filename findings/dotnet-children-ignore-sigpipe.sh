#!/usr/bin/env bash
# .NET 10: System.Diagnostics.Process on Linux, and so programs that PowerShell starts.
# Expected: a started program has the default action for SIGPIPE, as a child of a shell has; a writer whose reader ends dies by the signal.
# Seen: .NET ignores SIGPIPE for itself and its children inherit that (execve keeps ignored signals). Shells can't set it back: a signal
#   that is ignored on entry can't be trapped or reset there (POSIX sh, trap).
# For users: `yes | head` ends with "Broken pipe" on stderr, scripts under `set -o pipefail` see 1 in place of 141, and programs that insist
#   on the default end at their start. env --default-signal=PIPE (coreutils 8.31) before the program sets it back.
set -u
command -v dotnet >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_HOME="$work/cli" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
cat > "$work/start.cs" <<'C'
using System.Diagnostics;
Console.WriteLine($".NET {Environment.Version}");
foreach (var before in new[] { "", "env --default-signal=PIPE " })
{
    var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
    start.ArgumentList.Add("-c");
    start.ArgumentList.Add($"{before}yes | head -n 1 >/dev/null; echo ${{PIPESTATUS[0]}}");
    using var process = Process.Start(start)!;
    Console.WriteLine($"{before}yes | head: exit code {process.StandardOutput.ReadToEnd().Trim()}, stderr '{process.StandardError.ReadToEnd().Trim()}'");
}
C
said=$(env --default-signal=PIPE dotnet run "$work/start.cs") || exit 77
echo "$said"
echo "$said" | grep -q '^yes | head: exit code 1, ' && echo "$said" | grep -q '^env --default-signal=PIPE yes | head: exit code 141, '
