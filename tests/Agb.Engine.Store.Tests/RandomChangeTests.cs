using System.Text;
using CsCheck;

namespace Agb.Engine.Store.Tests;

/// <summary>Random calls that change, clear and restore a context, compared with a plain model after each: content, errors and
/// counts. CsCheck prints the seed of a failing run; CsCheck_Seed in the environment repeats it.</summary>
public sealed class RandomChangeTests
{
    private const string IsDirectory = "/";

    private static readonly Gen<string> s_path =
        Gen.OneOf("a", "b", "c").Array[1, 4].Select(names => "/" + string.Join('/', names));

    private static readonly Gen<AgbContextFileChange> s_change = Gen.Frequency(
        (6, s_path.Select(Gen.String[Gen.Char.AlphaNumeric, 0, 6], (path, text) => (AgbContextFileChange)Put(path, text))),
        (2, s_path.Select(path => (AgbContextFileChange)new AgbContextFileChange.MakeDirectory(path))),
        (1, s_path.Select(path => (AgbContextFileChange)new AgbContextFileChange.Link(path, "target"))),
        (4, s_path.Select(Gen.Bool, (path, recurse) => (AgbContextFileChange)new AgbContextFileChange.Remove(path, recurse))));

    // A list of changes; none for a clear, and a number for a restore of that many versions ago.
    private static readonly Gen<(AgbContextFileChange[]? Changes, int? Back)> s_call = Gen.Frequency(
        (12, s_change.Array[1, 5].Select(c => ((AgbContextFileChange[]?)c, (int?)null))),
        (1, Gen.Const(((AgbContextFileChange[]?)null, (int?)null))),
        (2, Gen.Int[0, 8].Select(i => ((AgbContextFileChange[]?)null, (int?)i))));

    [Fact]
    public async Task A_context_holds_what_its_changes_make_it()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        await s_call.Array[1, 40].SampleAsync(
            async calls =>
            {
                var context = await engine.Service.CreateContextAsync(Guid.NewGuid().ToString("N"));
                var versions = new List<Dictionary<string, string>> { new(StringComparer.Ordinal) };
                foreach (var (changes, back) in calls)
                {
                    if (changes is not null)
                    {
                        await ChangeAsync(engine, context, versions, changes);
                    }
                    else if (back is { } ago && versions.Count - 1 > ago)
                    {
                        var wanted = versions.Count - 1 - ago;
                        Check(await engine.Service.RestoreContextAsync(context, wanted), versions, versions[wanted]);
                    }
                    else if (back is null)
                    {
                        await engine.Service.ClearContextAsync(context);
                        if (versions[^1].Count > 0)
                        {
                            Check(await engine.Service.ListContextVersionsAsync(context).FirstAsync(), versions, []);
                        }
                    }
                    await CompareAsync(engine, context, versions[^1], null);
                }
                for (var version = Math.Max(1, versions.Count - 10); version < versions.Count; version++)
                {
                    await CompareAsync(engine, context, versions[version], version);
                }
                await engine.Service.RemoveContextAsync(context);
            },
            iter: 25, threads: 1);
    }

    private static async Task ChangeAsync(
        EngineFixture engine, AgbContext context, List<Dictionary<string, string>> versions, AgbContextFileChange[] changes)
    {
        var model = new Dictionary<string, string>(versions[^1], StringComparer.Ordinal);
        // A file that is put again is another one, whatever is in it.
        var (expected, put) = (changes.Select(c => Apply(model, c)).FirstOrDefault(e => e is not null), false);
        try
        {
            var made = await engine.Service.ChangeContextFilesAsync(context, changes.ToAsyncEnumerable());
            expected.ShouldBeNull();
            put = made is not null;
            if (made is not null)
            {
                Check(made, versions, model);
            }
        }
        catch (AgbException e)
        {
            e.ErrorId.ShouldBe(expected, e.Message);
        }
        if (expected is null && !put)
        {
            model.ShouldBe(versions[^1], ignoreOrder: true);
        }
    }

    /// <summary>Applies a change to the model.</summary>
    /// <returns>The error that it must give, or null.</returns>
    private static string? Apply(Dictionary<string, string> model, AgbContextFileChange change)
    {
        var parents = Enumerable.Range(1, change.Path.Length - 1).Where(i => change.Path[i] == '/').Select(i => change.Path[..i]).ToArray();
        var there = model.GetValueOrDefault(change.Path);
        if (change is AgbContextFileChange.Remove remove)
        {
            if (there is null)
            {
                return AgbErrorIds.FileNotFound;
            }
            var below = model.Keys.Where(k => k.StartsWith(change.Path + "/", StringComparison.Ordinal)).ToArray();
            if (below.Length > 0 && !remove.Recurse)
            {
                return AgbErrorIds.WrongFileType;
            }
            Array.ForEach([.. below, change.Path], k => model.Remove(k));
            return null;
        }
        if (parents.Any(p => model.TryGetValue(p, out var parent) && parent != IsDirectory)
            || (there is not null && there == IsDirectory != change is AgbContextFileChange.MakeDirectory))
        {
            return AgbErrorIds.WrongFileType;
        }
        Array.ForEach(parents, p => model[p] = IsDirectory);
        model[change.Path] = change switch
        {
            AgbContextFileChange.Put put => "=" + new StreamReader(put.Open(default).Result).ReadToEnd() + $" #{Guid.NewGuid():n}",
            AgbContextFileChange.Link link => "->" + link.Target + $" #{Guid.NewGuid():n}",
            _ => IsDirectory,
        };
        return null;
    }

    /// <summary>Checks what a version says of itself, and notes what it holds.</summary>
    private static void Check(AgbContextVersion made, List<Dictionary<string, string>> versions, Dictionary<string, string> now)
    {
        var before = Files(versions[^1]);
        var after = Files(now);
        versions.Add(now);
        made.Version.ShouldBe(versions.Count - 1);
        var changed = after.Keys.Where(p => before.TryGetValue(p, out var was) && was != after[p]).ToArray();
        var added = after.Keys.Except(before.Keys).ToArray();
        var deleted = before.Keys.Except(after.Keys).ToArray();
        (made.FilesAdded, made.FilesChanged, made.FilesDeleted, made.Bytes, made.BytesRemoved).ShouldBe(
            (added.Length, changed.Length, deleted.Length, changed.Concat(added).Sum(p => Size(after[p])), changed.Concat(deleted).Sum(p => Size(before[p]))));
    }

    private static Dictionary<string, string> Files(Dictionary<string, string> model) =>
        model.Where(e => e.Value != IsDirectory).ToDictionary(e => e.Key, e => e.Value);

    private static long Size(string file) => file[0] == '=' ? file.IndexOf(" #", StringComparison.Ordinal) - 1 : 0;

    private static async Task CompareAsync(EngineFixture engine, AgbContext context, Dictionary<string, string> model, long? version)
    {
        var lines = new List<string>();
        await foreach (var file in engine.Service.ListContextFilesAsync(context, new AgbContextFileQuery { Recurse = true, Version = version }))
        {
            switch (file.Type)
            {
                case AgbFileType.File:
                    using (var content = await engine.Service.OpenContextFileAsync(context, file.Path, version))
                    using (var reader = new StreamReader(content.Content))
                    {
                        lines.Add($"{file.Path}={await reader.ReadToEndAsync()}");
                    }
                    break;
                case AgbFileType.SymbolicLink:
                    lines.Add($"{file.Path}->{file.LinkTarget}");
                    break;
                default:
                    lines.Add(file.Path + IsDirectory);
                    break;
            }
        }
        lines.Order(StringComparer.Ordinal).ShouldBe(model.Select(e => e.Key + e.Value.Split(" #")[0]).Order(StringComparer.Ordinal));
    }

    private static AgbContextFileChange.Put Put(string path, string text) =>
        new(path, _ => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(text))));
}
