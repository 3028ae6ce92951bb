using System.Net;

namespace Agb.PowerShell;

/// <summary>Manages the keys of a server's data directory through the server's program, the only one with access to their
/// file.</summary>
internal static class ServerKeys
{
    /// <summary>Lists the keys, without their secrets.</summary>
    internal static async Task<IReadOnlyList<AgbServerKey>> ListAsync(string dataDirectory, CancellationToken token)
    {
        var answer = await ServerProgram.RunAsync(["keys", "list", "--data", dataDirectory], token).ConfigureAwait(false);
        return [.. answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => Parse(l, dataDirectory))];
    }

    /// <summary>Creates a key.</summary>
    /// <param name="dataDirectory">The server's directory.</param>
    /// <param name="name">The key's name.</param>
    /// <param name="owner">The owner of the data; null for a new owner.</param>
    /// <param name="token">Ends the wait.</param>
    /// <exception cref="AgbException">InvalidRequest: the name is taken or not valid, or the owner does not exist.</exception>
    internal static async Task<AgbServerKey> AddAsync(string dataDirectory, string name, string? owner, CancellationToken token)
    {
        string[] whose = owner is null ? [] : ["--owner", owner];
        // After the options, so that a name may begin with a hyphen.
        var answer = await ServerProgram.RunAsync(["keys", "add", "--data", dataDirectory, .. whose, "--", name], token).ConfigureAwait(false);
        var made = (await ListAsync(dataDirectory, token).ConfigureAwait(false)).Single(k => k.Name == name.Trim());
        return new AgbServerKey
        {
            Name = made.Name, Owner = made.Owner, CreatedAt = made.CreatedAt, DataDirectory = dataDirectory,
            ApiKey = new NetworkCredential("", ServerFailure.LastLine(answer)).SecurePassword,
        };
    }

    /// <summary>Removes a key.</summary>
    /// <exception cref="AgbException">InvalidRequest: no key has that name.</exception>
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
