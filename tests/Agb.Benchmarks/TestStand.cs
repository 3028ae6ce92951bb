using Agb.Benchmarks.Peers;

namespace Agb.Benchmarks;

/// <summary>What every benchmark needs: a service, a place for files, the peers, and how much to do.</summary>
internal sealed class TestStand(
    EmbeddedService service, string directory, PeerPrograms programs, bool quick, CancellationToken stopping) : IAsyncDisposable
{
    private readonly List<string> _notes = [];
    private Task<Podman>? _podman;

    /// <summary>The service that is measured.</summary>
    internal IAgbService Service { get; } = service;

    /// <summary>The same, for what only the engine knows of its sandboxes.</summary>
    internal EngineParts Engine { get; } = service.Parts;

    /// <summary>The programs ours is measured beside.</summary>
    internal PeerPrograms Programs { get; } = programs;

    /// <summary>Fewer runs and smaller data, to see that everything works.</summary>
    internal bool Quick { get; } = quick;

    /// <summary>Somebody wants the run to end, and to leave nothing behind.</summary>
    internal CancellationToken Stopping { get; } = stopping;

    /// <summary>How many runs of a short piece of work.</summary>
    internal int ShortRuns => Quick ? 2 : 30;

    /// <summary>How many runs of a long piece of work.</summary>
    internal int LongRuns => Quick ? 1 : 7;

    /// <summary>Runs that do not count.</summary>
    internal int WarmUps => Quick ? 0 : 1;

    /// <summary>What a reader of the figures should know of the peers.</summary>
    internal IReadOnlyList<string> Notes => _notes;

    /// <summary>A directory that is not there yet.</summary>
    internal string NewDirectory(string name) => Directory.CreateDirectory(Path.Combine(directory, name)).FullName;

    /// <summary>podman, started once.</summary>
    /// <exception cref="Measure.PeerException">It can't run containers here.</exception>
    internal Task<Podman> PodmanAsync() => _podman ??= StartPodmanAsync();

    /// <summary>Why podman can't be measured.</summary>
    /// <returns>Null when it can.</returns>
    internal async Task<string?> WhyNoPodmanAsync()
    {
        try
        {
            await PodmanAsync().ConfigureAwait(false);
            return null;
        }
        catch (Measure.PeerException e)
        {
            return e.Message;
        }
    }

    internal async Task<AgbSession> SessionAsync(string? contextId = null, string path = "/data") =>
        await Service.CreateSessionAsync(new AgbSessionRequest
        {
            ContextSyncs = contextId is null ? [] : [new AgbContextSync { ContextId = contextId, Path = path }],
        }).ConfigureAwait(false);

    internal Task<AgbSession> SessionAsync(AgbContextSync sync) =>
        Service.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [sync] });

    internal async Task CommandAsync(AgbSession session, string command)
    {
        var result = await Service.RunCommandAsync(session, new AgbCommandRequest { Command = command }).ConfigureAwait(false);
        if (!result.Success)
        {
            throw new InvalidOperationException($"'{command}' ended with {result.ExitCode}: {result.Output}");
        }
    }

    internal async Task SyncAsync(AgbSession session)
    {
        await Service.StartSyncAsync(session, new AgbSyncRequest()).ConfigureAwait(false);
        var tasks = await Service.WaitSyncAsync(session, TimeSpan.FromMinutes(10)).ConfigureAwait(false);
        if (tasks.FirstOrDefault(t => t.Status == AgbSyncTaskStatus.Failed) is { } failed)
        {
            throw new InvalidOperationException(failed.ErrorMessage);
        }
    }

    internal Task RemoveAsync(AgbSession session, bool discard = false) =>
        Service.RemoveSessionAsync(session, discard ? AgbReleaseMode.Discard : AgbReleaseMode.Policy);

    /// <summary>Everything that was written so far is on the device: what is measured next does not wait for it.</summary>
    internal Task SettleAsync() => Programs.RunAsync("sync");

    /// <summary>A context with so many files under /data, in directories of 100.</summary>
    internal async Task<AgbContext> ContextWithFilesAsync(string name, int files, int bytes = Files.DefaultBytes)
    {
        var context = await Service.CreateContextAsync(name).ConfigureAwait(false);
        var session = await SessionAsync(context.Id).ConfigureAwait(false);
        await CommandAsync(session, Files.Make("/data", files, bytes)).ConfigureAwait(false);
        await RemoveAsync(session).ConfigureAwait(false);
        return context;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_podman is { IsCompletedSuccessfully: true } podman)
        {
            await (await podman.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<Podman> StartPodmanAsync()
    {
        var podman = await Podman.StartAsync(Programs, NewDirectory("p")).ConfigureAwait(false);
        _notes.Add($"podman runs as: {podman.Description}.");
        return podman;
    }
}

/// <summary>Shell scripts that make files.</summary>
internal static class Files
{
    internal const int DefaultBytes = 4096;

    /// <summary>Makes files in directories of 100, all but the first as copies: split(1) cuts a file to no length before it writes it, and
    /// ext4 has what is written to such a file on the device when it is closed, so that nothing would be left to flush.</summary>
    internal static string Make(string at, int files, int bytes = DefaultBytes) =>
        $"set -e; seed=$(mktemp); head -c {100 * bytes} /dev/urandom > $seed; cd {at}; "
        + $"mkdir d1; split -b {bytes} -a 2 -d $seed d1/f; rm $seed; for d in $(seq 2 {files / 100}); do cp -r d1 d$d; done";

    /// <summary>Gives the first files of every directory new content of the same size.</summary>
    internal static string Change(string at, int files, int changed) =>
        $"set -e; cd {at}; for d in $(seq {files / 100}); do for f in $(seq -w 0 {(changed * 100 / files) - 1}); do "
        + $"head -c {DefaultBytes} /dev/urandom > d$d/f0$f; done; done";
}
