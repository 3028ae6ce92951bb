using System.Globalization;

namespace Agb.Soak.PowerCuts;

/// <summary>Looks at a store after a power cut, as the first process of the next boot. Prints a line for each fault, and last how many
/// sessions of the boot before there were.</summary>
/// <param name="home">The store.</param>
/// <param name="expected">What slots may hold.</param>
internal sealed class CutCheck(string home, IReadOnlyList<Expected> expected)
{
    private readonly List<string> _faults = [];

    /// <summary>Checks, removes the sessions, and checks again.</summary>
    /// <returns>0 when nothing is wrong.</returns>
    internal async Task<int> RunAsync(TextWriter output)
    {
        var sessions = 0;
        using (var service = CutLoad.Open(home, MountKind.Auto))
        {
            await CompareAsync(service, "after the cut");
            await CheckStoreAsync("after recovery");
            await foreach (var session in service.ListSessionsAsync())
            {
                sessions++;
                Require(session.Status == AgbSessionStatus.Failed, $"the session {session.SessionId} is {session.Status}");
                Require(
                    session.FailureReason?.Contains("The newest durable version: of 'shared'", StringComparison.Ordinal) is true,
                    $"the session {session.SessionId} gives the reason '{session.FailureReason}'");
                // Every other one by name: what is whole may come, and changes no value.
                var mode = sessions % 2 == 0 ? AgbReleaseMode.Upload : AgbReleaseMode.Policy;
                await TryAsync($"the session {session.SessionId} can't be removed", () => service.RemoveSessionAsync(session, mode));
            }
            Require(!await service.ListSessionsAsync().AnyAsync(), "sessions are left");
            await CompareAsync(service, "after the sessions' removal");
        }
        Require(!Directory.EnumerateFileSystemEntries(Path.Combine(home, "sessions")).Any(), "directories of sessions are left");
        await CheckStoreAsync("at the end");
        foreach (var fault in _faults)
        {
            await output.WriteLineAsync(fault);
        }
        await output.WriteLineAsync(sessions.ToString(CultureInfo.InvariantCulture));
        return _faults.Count == 0 ? 0 : 1;
    }

    private async Task CheckStoreAsync(string when)
    {
        var report = await AgbStore.CheckAsync(home, new AgbStoreCheckOptions { Deep = true });
        _faults.AddRange(report.Problems.Select(p => $"{when}, fsck: {p}"));
    }

    private async Task CompareAsync(EmbeddedService service, string when)
    {
        foreach (var (slot, values, mayBeAbsent) in expected)
        {
            Dictionary<string, string> files = [];
            if (!await TryAsync($"{when}, lost: {slot.Context}{slot.Directory} can't be read", async () => files = await ReadAsync(service, slot)))
            {
                continue;
            }
            if (files.Count == 0)
            {
                Require(mayBeAbsent, $"{when}, lost: {slot.Context}{slot.Directory} is gone");
                continue;
            }
            var first = files.Values.First();
            var held = int.TryParse(first.Split('\n')[0], CultureInfo.InvariantCulture, out var value) ? value : -1;
            if (files.Count != slot.Files || files.Values.Any(f => f != slot.Content(held)))
            {
                _faults.Add($"{when}, torn: {slot.Context}{slot.Directory} has {files.Count} of {slot.Files} files, the first of {first.Length} characters, which begins with '{first[..Math.Min(10, first.Length)].TrimEnd()}'");
            }
            else
            {
                Require(values.Contains(held), $"{when}, lost: {slot.Context}{slot.Directory} holds {held}; acknowledged was {(values.Count > 0 ? values[0] : -1)}");
            }
        }
    }

    private static async Task<Dictionary<string, string>> ReadAsync(EmbeddedService service, Slot slot)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            await foreach (var file in service.ListContextFilesAsync(await service.FindContextAsync(slot.Context), new AgbContextFileQuery { Path = slot.Directory, Recurse = true }))
            {
                await using var content = await service.OpenContextFileAsync(await service.FindContextAsync(slot.Context), file.Path);
                using var reader = new StreamReader(content.Content);
                files[file.Path] = await reader.ReadToEndAsync();
            }
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.FileNotFound)
        {
            // No such directory yet.
        }
        return files;
    }

    /// <summary>An error is a fault like another: what was acknowledged and is not there fails the step that needs it.</summary>
    private async Task<bool> TryAsync(string fault, Func<Task> step)
    {
        try
        {
            await step();
            return true;
        }
        catch (AgbException e)
        {
            _faults.Add($"{fault}: {e.Message}");
            return false;
        }
    }

    private void Require(bool holds, string fault)
    {
        if (!holds)
        {
            _faults.Add(fault);
        }
    }
}
