namespace Agb.PowerShell;

/// <summary>Parses the words of policy fields and collects faults.</summary>
internal sealed class PolicyWords
{
    private readonly List<string> _faults = [];

    /// <summary>The value of a word, in any case, with or without the field's common prefix.</summary>
    internal T Read<T>(string field, string word, string prefix = "")
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(word, value.ToString(), StringComparison.OrdinalIgnoreCase)
                || string.Equals(prefix + word, value.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }
        _faults.Add($"The {field} '{word}' does not exist; expected {string.Join(", ", Enum.GetNames<T>())}.");
        return default;
    }

    /// <summary>Throws if a word was wrong.</summary>
    /// <exception cref="AgbException">InvalidPolicy, with every fault.</exception>
    internal void ThrowIfWrong()
    {
        if (_faults.Count > 0)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidPolicy, "The sync policy is not valid: " + string.Join(" ", _faults));
        }
    }
}
