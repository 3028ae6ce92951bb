namespace Agb.PowerShell.Tests;

/// <summary>A value of an environment variable until disposal.</summary>
internal sealed class EnvironmentValue : IDisposable
{
    private readonly string _name;
    private readonly string? _before;

    internal EnvironmentValue(string name, string? value)
    {
        _name = name;
        _before = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, value);
    }

    /// <inheritdoc/>
    public void Dispose() => Environment.SetEnvironmentVariable(_name, _before);
}
