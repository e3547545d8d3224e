Feature: A guest calls the hotel
  The phone assistant knows who calls, does what the guest asks for, and never leaves a guest without an answer.

  Scenario: A guest in the house orders breakfast and leaves later
    Given a guest in room 101 whose number the hotel knows
    When the guest calls
    Then the guest is greeted by name in German
    When the guest says "Breakfast in my room, please"
    Then breakfast is booked for the stay
    When the guest asks for a late check-out
    Then the late check-out is booked for the stay
    When the guest hangs up
    Then the room of the call is closed
    And the record of the call lists 2 requests

  Scenario: An unknown caller books a stay
    Given a caller whom the hotel does not know
    When the guest calls
    Then the guest is greeted in English
    When the guest asks what is available
    Then a double room is offered
    When the guest books it
    Then the hotel has the booking
    When the guest asks about the stay
    Then the guest hears about the booking

  Scenario: The hotel's system is down
    Given a guest in room 101 whose number the hotel knows
    And the hotel's system is down
    When the guest calls
    Then the guest is greeted in English
    And a warning says that the hotel's system is down
    When the guest asks about the stay
    Then the guest is offered a colleague

  Scenario: A guest cancels after confirming it
    Given a guest with a future stay whose number the hotel knows
    When the guest calls
    And the guest asks to cancel
    Then the guest is asked to confirm the cancellation
    And the stay is still confirmed
    When the guest confirms the cancellation
    Then the stay is cancelled

  Scenario: A guest asks for a human
    Given a guest in room 101 whose number the hotel knows
    When the guest calls
    And the guest asks to speak to a human
    Then the caller is transferred to a colleague
