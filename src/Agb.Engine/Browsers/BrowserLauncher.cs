namespace Agb.Engine;

/// <summary>Starts browsers. A start that fails leaves no process and no record.</summary>
internal sealed class BrowserLauncher(EngineParts parts, BrowserRecords records)
{
    private const string Log = "/var/tmp/agb_browser.log";
    private const int MostLines = 3;

    // In a group of its own, which goes on after this command. A killed session leaves the locks of the profile.
    private const string Script =
        """
        profile=$1; log=$2; shift 2
        if [ -n "$AGB_DOWNLOADS" ]; then
          mkdir -p "$AGB_DOWNLOADS" ~/.config || exit 1
          printf 'XDG_DOWNLOAD_DIR="%s"\n' "$(printf %s "$AGB_DOWNLOADS" | sed 's/[\\"$`]/\\&/g')" > ~/.config/user-dirs.dirs || exit 1
          unset AGB_DOWNLOADS
        fi
        # Each program before the browser's costs its start.
        if [ -d "$profile" ]; then
          lock=$(readlink "$profile/SingletonLock" 2>/dev/null)
          if [ "${lock%-*}" = "$(cat /proc/sys/kernel/hostname)" ] && grep -qs chrom "/proc/${lock##*-}/comm"; then
            echo "process ${lock##*-} of the session, another browser, uses the profile $profile. Close it first." >&2; exit 1
          fi
          rm -f "$profile"/Singleton* "$profile/DevToolsActivePort" || exit 1
        else
          mkdir -p "$profile" || exit 1
        fi
        : > "$log" || exit 1
        setsid "$@" </dev/null >/dev/null 2>"$log" &
        echo $!
        """;

    // Without a message bus and without /sys, every browser says these.
    private static readonly string[] s_noise = ["dbus", "DevTools listening", "crashpad", "cpu/online", "vaapi", "gcm/engine", "gpu/", "ui/gl/"];

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_portLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(5);

    /// <summary>Starts a browser. The caller holds the lock, and no other browser runs in the session.</summary>
    /// <exception cref="AgbException">BrowserStartFailed, InvalidBrowserOption, PageLoadFailed.</exception>
    internal async Task<BrowserRecord> StartAsync(
        BrowserSession session, AgbBrowserRequest request, BrowserFiles files, CancellationToken cancellationToken)
    {
        await RequirePortAsync(session, cancellationToken).ConfigureAwait(false);
        using var tools = session.DevTools(parts.Driver);
        var record = await LaunchAsync(session, request, files, cancellationToken).ConfigureAwait(false);
        try
        {
            // For other processes of the engine, should this one die meanwhile.
            records.Write(session.Id, record);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_limit);
            try
            {
                var version = await WaitAsync(session, tools, record, limit.Token).ConfigureAwait(false);
                if (files.Extensions.Count > 0 || BrowserCheck.IsNeeded(request))
                {
                    using var socket = await tools.OpenAsync(version, limit.Token).ConfigureAwait(false);
                    await new BrowserCheck(socket, request).RequireAsync([.. files.Extensions.Select(e => e.Directory)], limit.Token).ConfigureAwait(false);
                }
                record = record with { IsReady = true, Path = version.Path, Version = version.Browser };
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw BrowserErrors.StartFailed(
                    session.Id, $"it did not answer within {s_limit.TotalSeconds:0} s. {await LastWordsAsync(session, cancellationToken).ConfigureAwait(false)}");
            }
            catch (Exception e) when (DevTools.IsSilence(e) || e is DevToolsException)
            {
                throw BrowserErrors.StartFailed(
                    session.Id, $"{e.Message} {await LastWordsAsync(session, cancellationToken).ConfigureAwait(false)}", e);
            }
            records.Write(session.Id, record);
            return record;
        }
        catch
        {
            await BrowserCloser.KillAsync(session.Sandbox, record).ConfigureAwait(false);
            records.Remove(session.Id);
            throw;
        }
    }

    // A killed browser's socket lasts a moment longer than its process.
    private async Task RequirePortAsync(BrowserSession session, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TcpListeners.IsTaken(session.Sandbox.InitPid, DevTools.Port))
        {
            if (TimeProvider.System.GetElapsedTime(began) > s_portLimit)
            {
                throw BrowserErrors.StartFailed(session.Id, $"another program of the session listens on port {DevTools.Port}. End it first.");
            }
            await Task.Delay(s_poll, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Starts the processes.</summary>
    private async Task<BrowserRecord> LaunchAsync(
        BrowserSession session, AgbBrowserRequest request, BrowserFiles files, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        if (request.TimeZone is { } zone)
        {
            environment["TZ"] = zone;
        }
        if (request.DownloadDirectory is { } downloads)
        {
            // The browser asks the user's directories (xdg-user-dirs) for its default.
            environment["AGB_DOWNLOADS"] = downloads;
        }
        var directories = files.Extensions.Select(e => e.Directory).ToArray();
        var outcome = await session.RunAsync(
            parts.Driver, Script,
            [
                AgbBrowserRequest.ProfileDirectory, Log, files.Program,
                .. BrowserArguments.Build(request, request.UserAgent ?? UserAgentOf(files.Version), directories, session.Image.HasDesktop),
            ],
            environment, cancellationToken).ConfigureAwait(false);
        if (outcome.ExitCode != 0 || !int.TryParse(Encoding.UTF8.GetString(outcome.Stdout).Trim(), out var pid))
        {
            throw BrowserErrors.StartFailed(session.Id, Encoding.UTF8.GetString(outcome.Stderr).Trim());
        }
        // The pid is the session's; the host's names the process for all processes of the engine.
        var found = SandboxProcesses.Of(session.Sandbox.InitPid).Where(p => ProcessTable.ReadInnermostPid(p.Pid) == pid
            && ProcessTable.ReadNamespace(p.Pid, "pid") == ProcessTable.ReadNamespace(session.Sandbox.InitPid, "pid")).ToArray();
        if (found is not [var process])
        {
            throw BrowserErrors.StartFailed(session.Id, $"it ended at once. {await LastWordsAsync(session, cancellationToken).ConfigureAwait(false)}");
        }
        return new BrowserRecord(process.Pid, process.StartTime, ProcessTable.ReadBootId(), request, files.Sources) { Extensions = directories };
    }

    /// <summary>The user agent of this version in a window; a headless one names itself so.</summary>
    private static string? UserAgentOf(string? version)
    {
        var major = version?.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(w => char.IsAsciiDigit(w[0]))?.Split('.')[0];
        return major is null ? null : $"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36";
    }

    private async Task<DevToolsVersion> WaitAsync(
        BrowserSession session, DevTools tools, BrowserRecord record, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!record.IsAlive)
            {
                session.Sandbox.RequireAlive();
                throw BrowserErrors.StartFailed(session.Id, $"it ended. {await LastWordsAsync(session, cancellationToken).ConfigureAwait(false)}");
            }
            if (TcpListeners.IsTaken(session.Sandbox.InitPid, DevTools.Port))
            {
                return await tools.GetVersionAsync(cancellationToken).ConfigureAwait(false);
            }
            // Real time, also under another clock of the service.
            await Task.Delay(s_poll, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The end of the browser's log, without the usual noise.</summary>
    private async Task<string> LastWordsAsync(BrowserSession session, CancellationToken cancellationToken)
    {
        if (!session.Sandbox.IsAlive)
        {
            return "The session has ended.";
        }
        var outcome = await session.RunAsync(parts.Driver, "tail -c 16384 \"$1\"", [Log], null, cancellationToken).ConfigureAwait(false);
        var lines = Encoding.UTF8.GetString(outcome.Stdout).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(l => !s_noise.Any(n => l.Contains(n, StringComparison.OrdinalIgnoreCase)))
            .Select(WithoutPlace).ToArray();
        return lines.Length == 0 ? "It said nothing." : "Its last words: " + string.Join(" ", lines.TakeLast(MostLines));
    }

    // [pid:thread:time:LEVEL:file(line)] or file:line] in front of a message.
    private static string WithoutPlace(string line)
    {
        var text = line.StartsWith('[') && line.IndexOf("] ", StringComparison.Ordinal) is > 0 and var end ? line[(end + 2)..] : line;
        return new string([.. text.Where(c => !char.IsControl(c)).Take(300)]);
    }
}
