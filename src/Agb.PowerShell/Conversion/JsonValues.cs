using System.Text.Json;

namespace Agb.PowerShell;

/// <summary>Converts values between JSON and PowerShell.</summary>
internal static class JsonValues
{
    private const int Depth = 100;

    /// <summary>A JSON value as PowerShell's own: text, number, boolean, null, array, or object with properties.</summary>
    internal static object? ToObject(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => json.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => json.TryGetInt32(out var small) ? small : json.TryGetInt64(out var large) ? large : (object)json.GetDouble(),
        JsonValueKind.Array => json.EnumerateArray().Select(ToObject).ToArray(),
        JsonValueKind.Object => Properties(json),
        _ => null,
    };

    /// <summary>A PowerShell value as JSON. Belongs to the pipeline thread.</summary>
    internal static string ToJson(PSCmdlet cmdlet, object? value) => value is null ? "null" : cmdlet.InvokeCommand.InvokeScript(
        $"param($value) Microsoft.PowerShell.Utility\\ConvertTo-Json -InputObject $value -Depth {Depth} -Compress", value)[0].ToString();

    private static object Properties(JsonElement json)
    {
        var members = json.EnumerateObject().ToArray();
        var names = members.Select(m => m.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (names.Count < members.Length || names.Contains(""))
        {
            // Properties need names, and ignore case.
            var table = new Hashtable(StringComparer.Ordinal);
            foreach (var member in members)
            {
                table[member.Name] = ToObject(member.Value);
            }
            return table;
        }
        var made = new PSObject();
        foreach (var member in members)
        {
            made.Properties.Add(new PSNoteProperty(member.Name, ToObject(member.Value)), preValidated: true);
        }
        return made;
    }
}
