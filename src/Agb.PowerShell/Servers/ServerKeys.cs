using System.Globalization;

namespace Agb.PowerShell.Servers;

/// <summary>The keys of a server's data directory, by the server's own program: it alone knows their file.</summary>
internal static class ServerKeys
{
    /// <summary>Lists them, without the keys themselves.</summary>
    internal static async Task<IReadOnlyList<AgbServerKey>> ListAsync(string dataDirectory, CancellationToken token)
    {
        var answer = await ServerProgram.RunAsync(["keys", "list", "--data", dataDirectory], token).ConfigureAwait(false);
        return [.. answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => Parse(l, dataDirectory))];
    }

    /// <summary>Makes one.</summary>
    /// <param name="dataDirectory">The server's directory.</param>
    /// <param name="name">Its name.</param>
    /// <param name="owner">Whose data it opens; null for a new owner.</param>
    /// <param name="token">Ends the wait.</param>
    /// <exception cref="AgbException">InvalidRequest: the name is taken or can't be used, or there is no such owner.</exception>
    internal static async Task<AgbServerKey> AddAsync(string dataDirectory, string name, string? owner, CancellationToken token)
    {
        string[] whose = owner is null ? [] : ["--owner", owner];
        // After the options, so that a name may begin with a hyphen.
        var answer = await ServerProgram.RunAsync(["keys", "add", "--data", dataDirectory, .. whose, "--", name], token).ConfigureAwait(false);
        var made = (await ListAsync(dataDirectory, token).ConfigureAwait(false)).Single(k => k.Name == name.Trim());
        return new AgbServerKey
        {
            Name = made.Name, Owner = made.Owner, CreatedAt = made.CreatedAt, DataDirectory = dataDirectory,
            ApiKey = ServerProgram.Secret(ServerFailure.LastLine(answer)),
        };
    }

    /// <summary>Removes one.</summary>
    /// <exception cref="AgbException">InvalidRequest: there is none of that name.</exception>
    internal static Task RemoveAsync(string dataDirectory, string name, CancellationToken token) =>
        ServerProgram.RunAsync(["keys", "remove", "--data", dataDirectory, "--", name], token);

    private static AgbServerKey Parse(string line, string dataDirectory)
    {
        var fields = line.Split('\t');
        return new AgbServerKey
        {
            Name = fields[0],
            Owner = fields[1],
            CreatedAt = DateTime.ParseExact(
                fields[2], "u", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal).ToLocalTime(),
            DataDirectory = dataDirectory,
        };
    }
}
