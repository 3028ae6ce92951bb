using Agb.Engine;

namespace Agb.Server.Fsck;

/// <summary>What <c>fsck</c> checks, and how.</summary>
internal sealed record FsckOptions
{
    /// <summary>How the command is used, a line each.</summary>
    internal const string Usage = """
          fsck [--repair] [--deep] [--data DIR | --home DIR]
                                  Compares a store's catalog with its layers. --deep also reads all content, and takes the hashes
                                  that are not there yet; --repair puts right what can be put right without loss. --data names a
                                  server's data directory, with a store for each owner; --home one store; without either, the
                                  embedded one. Exit code: 0 sound, 1 problems, 2 wrong usage, 3 all problems repaired.
        """;

    /// <summary>Put right what can be put right without loss.</summary>
    internal bool Repair { get; init; }

    /// <summary>Read all content too.</summary>
    internal bool Deep { get; init; }

    /// <summary>A server's data directory.</summary>
    internal string? Data { get; init; }

    /// <summary>An AGB home directory.</summary>
    internal string? Home { get; init; }

    /// <summary>Reads the arguments after the command's name.</summary>
    /// <returns>Null, with the reason, when they are wrong.</returns>
    internal static FsckOptions? Parse(IReadOnlyList<string> arguments, out string? error)
    {
        var options = new FsckOptions();
        error = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--repair":
                    options = options with { Repair = true };
                    break;
                case "--deep":
                    options = options with { Deep = true };
                    break;
                case "--data" or "--home" when i + 1 == arguments.Count || arguments[i + 1].Length == 0:
                    error = $"{arguments[i]} needs a directory.";
                    return null;
                case "--data":
                    options = options with { Data = arguments[++i] };
                    break;
                case "--home":
                    options = options with { Home = arguments[++i] };
                    break;
                default:
                    error = $"Not an option of fsck: {arguments[i]}";
                    return null;
            }
        }
        if (options is { Data: not null, Home: not null })
        {
            error = "--data and --home exclude each other.";
            return null;
        }
        return options;
    }

    /// <summary>The stores to check.</summary>
    /// <returns>None, with the reason, when the directory holds none.</returns>
    internal IReadOnlyList<string> Stores(out string? error)
    {
        error = null;
        var home = Home ?? Data ?? EmbeddedService.ResolveHome(new EmbeddedOptions());
        var owners = Path.Combine(home, "owners");
        if (Data is not null && Directory.Exists(owners))
        {
            string[] found = [.. Directory.EnumerateDirectories(owners).Where(AgbStore.Exists).Order(StringComparer.Ordinal)];
            error = found.Length == 0 ? $"'{owners}' holds no store." : null;
            return found;
        }
        if (AgbStore.Exists(home))
        {
            return [Path.GetFullPath(home)];
        }
        error = Data is not null ? $"'{home}' is no data directory of a server: it has no stores below 'owners'." : $"'{home}' holds no store.";
        return [];
    }
}
