namespace Agb.Sandbox;

/// <summary>Starts programs from the confined thread.</summary>
internal static class ConfinedStart
{
    /// <summary>Starts a program.</summary>
    /// <param name="spawn">Starts the program and returns its pid.</param>
    /// <returns>The pid.</returns>
    /// <exception cref="AgbException">HostExhausted: the user's kernel keys are used up.</exception>
    public static int Start(Func<int> spawn)
    {
        try
        {
            return ThreadConfinement.Start(spawn);
        }
        catch (KeyLimitException e)
        {
            throw HostErrors.TooManyKeys(e);
        }
    }
}
