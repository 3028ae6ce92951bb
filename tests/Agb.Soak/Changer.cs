using System.Text;

namespace Agb.Soak;

/// <summary>Changes files of a context without a session; where the context is this worker's own, it restores versions and clears it
/// too. One at a time, so that each step's outcome is known beforehand.</summary>
/// <param name="context">The context, by id or name.</param>
/// <param name="root">The directory in it that is this worker's alone.</param>
/// <param name="isOwn">Whether the whole context is.</param>
/// <param name="random">What decides.</param>
/// <param name="log">The journal's file.</param>
internal sealed class Changer(EmbeddedService service, string context, string root, bool isOwn, Random random, string log)
{
    private readonly Journal _journal = new(log);

    /// <summary>Finds out what came of the step that a killed worker was at.</summary>
    internal async Task BeginAsync()
    {
        // Clearing is carried out by whoever comes next; this is one who waits for it.
        while ((await service.FindContextAsync(context)).State != AgbContextState.Available)
        {
            await Task.Delay(1);
        }
        _journal.Write(History.Found(isOwn ? await HeadAsync() : 0, await ReadAsync(service, context, root)));
    }

    /// <summary>Makes one step.</summary>
    internal async Task StepAsync()
    {
        var history = History.Of(log);
        try
        {
            var kind = isOwn ? random.Next(10) : 0;
            if (kind == 9)
            {
                await ClearAsync();
            }
            else if (kind < 6 || !await TryRestoreAsync(history))
            {
                await ChangeAsync(History.Parse(history.Current));
            }
        }
        catch (AgbException e)
        {
            _journal.Failed(e.ToString());
            throw;
        }
    }

    /// <summary>What a version holds under a directory, as a history has it.</summary>
    internal static async Task<string> ReadAsync(EmbeddedService service, string context, string root, long? version = null)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var file in service.ListContextFilesAsync(await service.FindContextAsync(context), new AgbContextFileQuery { Path = root, Recurse = true, Version = version }))
        {
            if (file.Type == AgbFileType.File)
            {
                await using var content = await service.OpenContextFileAsync(await service.FindContextAsync(context), file.Path, version);
                using var reader = new StreamReader(content.Content);
                files[file.Path[(root.TrimEnd('/').Length + 1)..]] = await reader.ReadToEndAsync();
            }
        }
        return History.Format(files);
    }

    /// <summary>Puts, replaces, renames and removes several files by one change.</summary>
    private async Task ChangeAsync(SortedDictionary<string, string> files)
    {
        var changes = new List<AgbContextFileChange>();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var name = $"d{random.Next(3)}/f{random.Next(5)}";
            switch (random.Next(4))
            {
                case 0 when files.Remove(name):
                    changes.Add(new AgbContextFileChange.Remove(At(name)));
                    break;
                case 1 when files.Remove(name, out var value):
                    var to = $"d{random.Next(3)}/g{random.Next(5)}";
                    changes.Add(Put(to, value));
                    changes.Add(new AgbContextFileChange.Remove(At(name)));
                    files[to] = value;
                    break;
                case 2 when files.Keys.Any(f => f.StartsWith(name[..3], StringComparison.Ordinal)):
                    changes.Add(new AgbContextFileChange.Remove(At(name[..2]), Recurse: true));
                    foreach (var gone in files.Keys.Where(f => f.StartsWith(name[..3], StringComparison.Ordinal)).ToArray())
                    {
                        files.Remove(gone);
                    }
                    break;
                default:
                    files[name] = $"{random.Next()}";
                    changes.Add(Put(name, files[name]));
                    break;
            }
        }
        _journal.Write(History.Try("change", History.Format(files)));
        var made = await service.ChangeContextFilesAsync(await service.FindContextAsync(context), changes.ToAsyncEnumerable());
        _journal.Write(History.Made(isOwn ? made?.Version ?? 0 : 0));
    }

    private async Task<bool> TryRestoreAsync(History history)
    {
        var kept = await service.ListContextVersionsAsync(await service.FindContextAsync(context)).Select(v => v.Version).Where(history.Versions.ContainsKey).ToArrayAsync();
        if (kept.Length == 0)
        {
            return false;
        }
        // Nobody else works on this context, so nobody collects the version meanwhile.
        var version = kept[random.Next(kept.Length)];
        _journal.Write(History.Try("restore", history.Versions[version]));
        _journal.Write(History.Made((await service.RestoreContextAsync(await service.FindContextAsync(context), version)).Version));
        return true;
    }

    private async Task ClearAsync()
    {
        _journal.Write(History.Try("clear", ""));
        await service.ClearContextAsync(await service.FindContextAsync(context));
        _journal.Write(History.Made(await HeadAsync()));
    }

    private async Task<long> HeadAsync() => await service.ListContextVersionsAsync(await service.FindContextAsync(context)).Select(v => v.Version).DefaultIfEmpty(0).MaxAsync();

    private string At(string name) => $"{root.TrimEnd('/')}/{name}";

    private AgbContextFileChange.Put Put(string name, string value) =>
        new(At(name), _ => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(value))));
}
